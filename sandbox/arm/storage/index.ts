import type { ResourceProvider } from '../provider.ts'
import { findResource } from '../resources/resources.ts'
import { accountRoutes, deleteAccount, finishAccount } from './accounts.ts'
import { storageChildRoutes } from './children.ts'
import { storageNameRoutes } from './names.ts'
import { storageServiceRoutes } from './service-properties.ts'

const versions = [
  '2026-09-01',
  '2026-04-01',
  '2025-08-01',
  '2025-06-01',
  '2025-01-01',
  '2024-01-01',
  '2023-05-01',
  '2023-01-01',
]

export const storageProvider: ResourceProvider = {
  namespace: 'Microsoft.Storage',
  authorizations: [
    {
      applicationId: 'a6aa9161-5291-40bb-8c5c-923b567bee3b',
      roleDefinitionId: '070ab87f-0efc-4423-b18b-756f3bdb0236',
    },
    { applicationId: 'e406a681-f3d4-42a8-90b6-c2b029497af1' },
  ],
  types: [
    { name: 'storageAccounts', versions },
    { name: 'storageAccounts/blobServices', versions },
    { name: 'storageAccounts/queueServices', versions },
    { name: 'storageAccounts/tableServices', versions },
    { name: 'locations', versions, global: true },
    { name: 'locations/asyncoperations', versions, global: true },
    { name: 'checkNameAvailability', versions, global: true },
    { name: 'operations', versions, global: true },
  ],
  routes: [...accountRoutes, ...storageNameRoutes, ...storageServiceRoutes, ...storageChildRoutes],
  deleteResource: deleteAccount,
  operations: {
    createStorageAccount: {
      finish: finishAccount,
      resultBody: ({ resourceId }, simulator) => findResource(simulator, resourceId)?.body,
    },
  },
}
