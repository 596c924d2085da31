import { isGuid } from '../../guid.ts'
import { firewallRules } from '../accounts/firewall-rules.ts'
import type { ProxyType } from '../accounts/proxy-resources.ts'
import { ArmError } from '../errors.ts'
import type { ArmRequest } from '../request.ts'
import { findResource } from '../resources/resources.ts'
import { serverTypeName } from './servers.ts'

const absent = ({ id }: ArmRequest) =>
  new ArmError(
    404,
    'ResourceNotFound',
    `The requested resource of type '${serverTypeName}/${id.split('/').at(-2)}' with name '${id.split('/').at(-1)}' was not found.`,
  )

const asynchronous = { duration: 'partWrite', operations: 'azureAsyncOperation', absent } as const

/** A Microsoft Entra principal that administers the server, by object ID. */
export const postgresAdministrator: ProxyType = {
  ...asynchronous,
  type: `${serverTypeName}/administrators`,
  shape: { properties: { principalName: 'string', principalType: 'string', tenantId: 'string' } },
  members({ simulator, id, params }, { properties = {} }) {
    const server = findResource(simulator, id.split('/').slice(0, 9).join('/'))
    const config = server?.body.properties.authConfig as { activeDirectoryAuth?: string } | undefined
    if (config?.activeDirectoryAuth !== 'Enabled')
      throw new ArmError(
        400,
        'AadAuthPrincipalCreationFailed',
        'Microsoft Entra authentication is not enabled on the server.',
      )
    if (!isGuid(params.name1) || !properties.principalName)
      throw new ArmError(400, 'InvalidParameterValue', 'The object ID and the principalName are required.')
    return {
      properties: {
        objectId: params.name1,
        principalName: properties.principalName,
        principalType: properties.principalType ?? 'ServicePrincipal',
        tenantId: properties.tenantId ?? simulator.state.tenant.id,
      },
    }
  },
}

export const postgresDatabase: ProxyType = {
  ...asynchronous,
  type: `${serverTypeName}/databases`,
  shape: { properties: { charset: 'string', collation: 'string' } },
  builtIn: ({ body, createdAt }) =>
    ['azure_maintenance', 'postgres', 'azure_sys'].map((name) => ({
      body: {
        id: `${body.id}/databases/${name}`,
        name,
        type: `${serverTypeName}/databases`,
        properties: { charset: 'UTF8', collation: 'en_US.utf8' },
      },
      createdAt,
      changedAt: createdAt,
    })),
  members: (_, { properties = {} }) => ({
    properties: {
      charset: properties.charset ?? 'UTF8',
      collation: properties.collation ?? 'en_US.utf8',
    },
  }),
}

export const postgresFirewallRules = firewallRules(serverTypeName, asynchronous)
