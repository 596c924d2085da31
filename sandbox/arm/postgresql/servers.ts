import { type NameRule, requireFreeName } from '../accounts/account-names.ts'
import type { AccountType } from '../accounts/account-type.ts'
import { oneOf } from '../accounts/input.ts'
import { ArmError } from '../errors.ts'

export const serverTypeName = 'Microsoft.DBforPostgreSQL/flexibleServers'

export const serverNames: NameRule = {
  type: serverTypeName,
  isValid: (name) => /^[a-z0-9](?:[a-z0-9-]{1,61}[a-z0-9])$/.test(name),
  invalid: (name) => ({
    code: 'InvalidParameterValue',
    message: `Server name '${name}' is invalid. It can only contain lowercase letters, numbers and hyphens, must not begin or end with a hyphen, and must have 3 to 63 characters.`,
  }),
  taken: (name) => ({
    code: 'ServerNameAlreadyExists',
    message: `Specified server name is already used. Server name: ${name}.`,
  }),
  takenStatus: 409,
}

const switches = ['Enabled', 'Disabled'] as const

interface Authentication {
  activeDirectoryAuth?: string
  passwordAuth?: string
  tenantId?: string
}

/** Returns the sign-in methods after a write. Throws 400 if none is left. */
function authentication(input: unknown, tenantId: string) {
  const config = (input ?? {}) as Authentication
  const activeDirectoryAuth = oneOf(
    'authConfig.activeDirectoryAuth',
    config.activeDirectoryAuth,
    switches,
    'Disabled',
  )
  const passwordAuth = oneOf('authConfig.passwordAuth', config.passwordAuth, switches, 'Enabled')
  if (activeDirectoryAuth === 'Disabled' && passwordAuth === 'Disabled')
    throw new ArmError(
      400,
      'AuthConfigInvalid',
      'At least one of activeDirectoryAuth and passwordAuth must be enabled.',
    )
  const tenant = config.tenantId ?? tenantId
  return { activeDirectoryAuth, passwordAuth, ...(activeDirectoryAuth === 'Enabled' && { tenantId: tenant }) }
}

export const postgresServer: AccountType = {
  type: serverTypeName,
  shape: {
    sku: { name: 'string', tier: 'string' },
    identity: 'object',
    properties: {
      administratorLogin: 'string',
      administratorLoginPassword: 'string',
      version: 'string',
      authConfig: { activeDirectoryAuth: 'string', passwordAuth: 'string', tenantId: 'string' },
      network: { publicNetworkAccess: 'string', delegatedSubnetResourceId: 'string' },
    },
  },
  requireName: (request, name) => requireFreeName(request, serverNames, name),
  members({ simulator, params }, { sku, identity, properties = {} }, current) {
    const authConfig = authentication(properties.authConfig, simulator.state.tenant.id)
    const login = properties.administratorLogin ?? current?.body.properties.administratorLogin
    if (authConfig.passwordAuth === 'Enabled' && !login)
      throw new ArmError(400, 'InvalidParameterValue', 'The property administratorLogin is required.')
    const network = (properties.network ?? {}) as {
      publicNetworkAccess?: string
      delegatedSubnetResourceId?: string
    }
    const subnet = network.delegatedSubnetResourceId
    return {
      sku: sku ?? { name: 'Standard_B1ms', tier: 'Burstable' },
      ...(identity !== undefined && { identity }),
      properties: {
        fullyQualifiedDomainName: `${params.name!.toLowerCase()}.${simulator.hostSuffix('postgres').replace(/:\d+$/, '')}`,
        version: properties.version ?? '17',
        state: 'Ready',
        ...(login !== undefined && { administratorLogin: login }),
        authConfig,
        network: {
          publicNetworkAccess: oneOf(
            'network.publicNetworkAccess',
            network.publicNetworkAccess,
            switches,
            subnet ? 'Disabled' : 'Enabled',
          ),
          ...(subnet && { delegatedSubnetResourceId: subnet }),
        },
        storage: properties.storage ?? { storageSizeGB: 32, autoGrow: 'Disabled' },
        backup: properties.backup ?? { backupRetentionDays: 7, geoRedundantBackup: 'Disabled' },
        highAvailability: { mode: 'Disabled', state: 'NotEnabled' },
        replicationRole: 'Primary',
        privateEndpointConnections: [],
      },
    }
  },
  createdStatus: 202,
  operations: 'azureAsyncOperation',
}
