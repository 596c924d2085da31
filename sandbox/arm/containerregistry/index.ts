import { nameCheckRoute } from '../accounts/account-names.ts'
import { accountOperations, accountRoutes, deleteAccount } from '../accounts/accounts.ts'
import type { ResourceProvider } from '../provider.ts'
import { importRoute } from './import-image.ts'
import { registry, registryNames } from './registries.ts'

const versions = ['2025-11-01', '2025-04-01', '2023-07-01', '2022-12-01', '2019-05-01']

export const containerRegistryProvider: ResourceProvider = {
  namespace: 'Microsoft.ContainerRegistry',
  types: [
    { name: 'registries', versions: ['2025-11-01', '2025-03-01-preview', ...versions.slice(1)] },
    { name: 'registries/importImage', versions },
    { name: 'checkNameAvailability', versions, global: true },
    { name: 'locations', versions, global: true },
    { name: 'operations', versions, global: true },
  ],
  routes: [...accountRoutes(registry), nameCheckRoute(registryNames), importRoute],
  deleteResource: (simulator, resource) => deleteAccount(simulator, registry, resource),
  operations: accountOperations(registry),
}
