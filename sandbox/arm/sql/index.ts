import { nameCheckRoute } from '../accounts/account-names.ts'
import { accountOperations, accountRoutes, deleteAccount } from '../accounts/accounts.ts'
import { proxyOperations, proxyRoutes } from '../accounts/proxy-resources.ts'
import type { ResourceProvider } from '../provider.ts'
import { administratorRoutes } from './administrators.ts'
import { sqlDatabase, sqlFirewallRules } from './databases.ts'
import { serverNames, sqlServer } from './servers.ts'

const versions = ['2025-01-01', '2023-08-01', '2021-11-01']

const parts = [sqlDatabase, sqlFirewallRules]

/** Azure SQL. What its databases contain is in `sandbox/sql`. */
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
