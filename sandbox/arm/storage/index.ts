import type { ResourceProvider } from '../provider.ts'

const versions = ['2025-08-01', '2025-06-01', '2025-01-01', '2024-01-01', '2023-05-01']

/** Can be registered; storage accounts are not simulated. */
export const storageProvider: ResourceProvider = {
  namespace: 'Microsoft.Storage',
  types: [
    { name: 'storageAccounts', versions },
    { name: 'checkNameAvailability', versions, global: true },
    { name: 'operations', versions, global: true },
  ],
  routes: [],
}
