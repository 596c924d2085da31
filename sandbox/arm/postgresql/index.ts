import { nameCheckRoute } from '../accounts/account-names.ts'
import { accountOperations, accountRoutes, deleteAccount } from '../accounts/accounts.ts'
import { proxyOperations, proxyRoutes } from '../accounts/proxy-resources.ts'
import type { ResourceProvider } from '../provider.ts'
import { postgresAdministrator, postgresDatabase, postgresFirewallRules } from './databases.ts'
import { postgresServer, serverNames } from './servers.ts'

const versions = ['2026-10-01', '2025-08-01', '2024-08-01', '2022-12-01']

const parts = [postgresAdministrator, postgresDatabase, postgresFirewallRules]

/** PostgreSQL flexible servers. What their databases contain is in `sandbox/postgresql`. */
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
