import { isGuid } from '../../guid.ts'
import { nameCheckRoute } from '../accounts/account-names.ts'
import { accountOperations, accountRoutes, deleteAccount } from '../accounts/accounts.ts'
import { firewallRules } from '../accounts/firewall-rules.ts'
import { type ProxyType, proxyOperations, proxyRoutes } from '../accounts/proxy-resources.ts'
import { ArmError } from '../errors.ts'
import type { ResourceProvider } from '../provider.ts'
import type { ArmRequest } from '../request.ts'
import { findResource } from '../resources/resources.ts'
import { postgresServer, serverNames, serverTypeName } from './servers.ts'

const versions = ['2026-10-01', '2025-08-01', '2024-08-01', '2022-12-01']

const absent = ({ id }: ArmRequest) =>
  new ArmError(
    404,
    'ResourceNotFound',
    `The requested resource of type '${serverTypeName}/${id.split('/').at(-2)}' with name '${id.split('/').at(-1)}' was not found.`,
  )

const asynchronous = { duration: 'partWrite', operations: 'azureAsyncOperation', absent } as const

/** A database that Microsoft Entra principals may administer, by object ID. */
const administrator: ProxyType = {
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

const database: ProxyType = {
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

const parts = [administrator, database, firewallRules(serverTypeName, asynchronous)]

/** PostgreSQL flexible servers, without the databases' own protocol. */
export const postgresProvider: ResourceProvider = {
  namespace: 'Microsoft.DBforPostgreSQL',
  types: [
    { name: 'flexibleServers', versions },
    { name: 'flexibleServers/databases', versions },
    { name: 'flexibleServers/administrators', versions },
    { name: 'flexibleServers/firewallRules', versions },
    { name: 'checkNameAvailability', versions, global: true },
    { name: 'locations', versions, global: true },
    { name: 'operations', versions, global: true },
  ],
  routes: [...accountRoutes(postgresServer), nameCheckRoute(serverNames), ...parts.flatMap(proxyRoutes)],
  deleteResource: (simulator, resource) => deleteAccount(simulator, postgresServer, resource),
  operations: Object.assign({}, accountOperations(postgresServer), ...parts.map(proxyOperations)),
}
