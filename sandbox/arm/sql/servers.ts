import { type NameRule, requireFreeName } from '../accounts/account-names.ts'
import type { AccountType } from '../accounts/account-type.ts'
import { oneOf } from '../accounts/input.ts'
import { ArmError } from '../errors.ts'
import { administratorOf } from './administrators.ts'

export const serverTypeName = 'Microsoft.Sql/servers'

export const serverNames: NameRule = {
  type: serverTypeName,
  isValid: (name) => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(name),
  invalid: (name) => ({
    code: 'InvalidServerName',
    message: `'${name}' is not a valid server name. It can only be made up of lowercase letters 'a'-'z', the numbers 0-9 and the hyphen. The hyphen may not lead or trail in the name.`,
  }),
  taken: (name) => ({
    code: 'NameAlreadyExists',
    message: `The name '${name}' already exists. Choose a different name.`,
  }),
  takenStatus: 409,
}

export const sqlServer: AccountType = {
  type: serverTypeName,
  shape: {
    identity: 'object',
    properties: {
      administratorLogin: 'string',
      administratorLoginPassword: 'string',
      administrators: {
        login: 'string',
        sid: 'string',
        tenantId: 'string',
        principalType: 'string',
        azureADOnlyAuthentication: 'boolean',
      },
      publicNetworkAccess: 'string',
      minimalTlsVersion: 'string',
    },
  },
  requireName: (request, name) => requireFreeName(request, serverNames, name),
  members({ simulator, params }, { identity, properties = {} }, current) {
    const administrators = properties.administrators ?? current?.body.properties.administrators
    const login = properties.administratorLogin ?? current?.body.properties.administratorLogin
    if (!login && !administrators)
      throw new ArmError(
        400,
        'InvalidParameterValue',
        'Invalid value given for parameter Login. Specify administratorLogin, or administrators with azureADOnlyAuthentication.',
      )
    if (!current && login && !properties.administratorLoginPassword)
      throw new ArmError(400, 'PasswordNotComplex', 'Password validation failed. The password is missing.')
    const { publicNetworkAccess } = properties
    return {
      kind: 'v12.0',
      ...(identity !== undefined && { identity }),
      properties: {
        ...(login !== undefined && { administratorLogin: login }),
        version: '12.0',
        state: 'Ready',
        // Clients add the port: here, all services have the same.
        fullyQualifiedDomainName: `${params.name!.toLowerCase()}.${simulator.hostSuffix('database').replace(/:\d+$/, '')}`,
        privateEndpointConnections: [],
        minimalTlsVersion: properties.minimalTlsVersion ?? '1.2',
        publicNetworkAccess: oneOf(
          'publicNetworkAccess',
          publicNetworkAccess,
          ['Enabled', 'Disabled'],
          'Enabled',
        ),
        ...(administrators !== undefined && { administrators: administratorOf(simulator, administrators) }),
        restrictOutboundNetworkAccess: 'Disabled',
      },
    }
  },
  createdStatus: 202,
  operations: 'azureAsyncOperation',
}
