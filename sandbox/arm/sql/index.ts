import { nameCheckRoute } from '../accounts/account-names.ts'
import { accountOperations, accountRoutes, deleteAccount } from '../accounts/accounts.ts'
import { firewallRules } from '../accounts/firewall-rules.ts'
import { type ProxyType, proxyOperations, proxyRoutes } from '../accounts/proxy-resources.ts'
import { ArmError } from '../errors.ts'
import type { ResourceProvider } from '../provider.ts'
import type { ArmRequest } from '../request.ts'
import { administratorRoutes } from './administrators.ts'
import { serverNames, serverTypeName, sqlServer } from './servers.ts'

const versions = ['2025-01-01', '2023-08-01', '2021-11-01']

const absent = ({ id }: ArmRequest) =>
  new ArmError(
    404,
    'ResourceNotFound',
    `The requested resource of type '${serverTypeName}/${id.split('/').at(-2)}' with name '${id.split('/').at(-1)}' was not found.`,
  )

const database: ProxyType = {
  type: `${serverTypeName}/databases`,
  shape: { sku: { name: 'string', tier: 'string' }, properties: { collation: 'string' } },
  duration: 'partWrite',
  operations: 'azureAsyncOperation',
  acceptedBody: (kind) => ({ operation: kind === 'write' ? 'CreateLogicalDatabase' : 'DropLogicalDatabase' }),
  absent,
  builtIn: ({ body, createdAt }) => [
    {
      body: {
        id: `${body.id}/databases/master`,
        name: 'master',
        type: `${serverTypeName}/databases`,
        location: body.location,
        kind: 'v12.0,system',
        properties: { collation: 'SQL_Latin1_General_CP1_CI_AS', status: 'Online' },
      },
      createdAt,
      changedAt: createdAt,
    },
  ],
  members: (_, { location, tags, sku, properties = {} }) => ({
    location,
    ...(tags && { tags }),
    sku: sku ?? { name: 'GP_Gen5', tier: 'GeneralPurpose' },
    kind: 'v12.0,user,vcore',
    properties: {
      collation: properties.collation ?? 'SQL_Latin1_General_CP1_CI_AS',
      status: 'Online',
    },
  }),
}

const parts = [database, firewallRules(serverTypeName, { absent })]

/** Azure SQL, without the databases' own protocol. */
export const sqlProvider: ResourceProvider = {
  namespace: 'Microsoft.Sql',
  types: [
    { name: 'servers', versions },
    { name: 'servers/databases', versions },
    { name: 'servers/administrators', versions },
    { name: 'servers/firewallRules', versions },
    { name: 'checkNameAvailability', versions, global: true },
    { name: 'locations', versions, global: true },
    { name: 'operations', versions, global: true },
  ],
  routes: [
    ...accountRoutes(sqlServer),
    nameCheckRoute(serverNames),
    ...administratorRoutes,
    ...parts.flatMap(proxyRoutes),
  ],
  deleteResource: (simulator, resource) => deleteAccount(simulator, sqlServer, resource),
  operations: Object.assign({}, accountOperations(sqlServer), ...parts.map(proxyOperations)),
}
