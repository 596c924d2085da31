import { accountOperations, accountRoutes, deleteAccount } from '../accounts/accounts.ts'
import { proxyOperations, proxyRoutes } from '../accounts/proxy-resources.ts'
import type { ResourceProvider } from '../provider.ts'
import { accountNameRoute, cosmosAccount } from './accounts.ts'
import { sqlContainer, sqlDatabase } from './containers.ts'
import { sqlRoleAssignment, sqlRoleDefinition } from './roles.ts'

const versions = ['2026-03-15', '2025-10-15', '2025-04-15', '2024-11-15', '2024-05-15', '2023-04-15']
const parts = [sqlDatabase, sqlContainer, sqlRoleDefinition, sqlRoleAssignment]

/** Cosmos DB for NoSQL. Its data plane has roles of its own. */
export const cosmosProvider: ResourceProvider = {
  namespace: 'Microsoft.DocumentDB',
  types: [
    { name: 'databaseAccounts', versions },
    { name: 'databaseAccountNames', versions, global: true },
    { name: 'locations', versions, global: true },
    { name: 'locations/operationsStatus', versions },
    { name: 'operations', versions, global: true },
  ],
  routes: [...accountRoutes(cosmosAccount), accountNameRoute, ...parts.flatMap(proxyRoutes)],
  deleteResource: (simulator, resource) => deleteAccount(simulator, cosmosAccount, resource),
  operations: Object.assign({}, accountOperations(cosmosAccount), ...parts.map(proxyOperations)),
}
