import type { OperationType, ResourceProvider } from '../provider.ts'
import type { Operation } from '../state.ts'
import { deletedVaultRoutes, purgeVault, softDelete } from './deleted-vaults.ts'
import { managedHsmRoutes } from './managed-hsms.ts'
import { vaultNameRoutes } from './names.ts'
import { vaultContentRoutes } from './vault-contents.ts'
import { finishVault, vaultRoutes } from './vaults.ts'

const versions = [
  '2026-02-01',
  '2025-05-01',
  '2024-11-01',
  '2023-07-01',
  '2023-02-01',
  '2022-07-01',
  '2021-10-01',
]

const timestamp = (ms: number) => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')}Z`

const purging: OperationType = {
  finish: (simulator, { resourceId }) => purgeVault(simulator, resourceId),
  pendingBody: ({ startedAt }: Operation) => ({
    createdDateTime: timestamp(startedAt),
    status: 'NotStarted',
  }),
  resultBody: ({ startedAt, endsAt }: Operation) => ({
    createdDateTime: timestamp(startedAt),
    lastActionDateTime: timestamp(endsAt),
    status: 'Succeeded',
  }),
}

export const keyVaultProvider: ResourceProvider = {
  namespace: 'Microsoft.KeyVault',
  authorizations: [
    {
      applicationId: 'cfa8b339-82a2-471a-a3c9-0fc0be7a4093',
      roleDefinitionId: '1cf9858a-28a2-4228-abba-94e606305b95',
    },
    { applicationId: '589d5083-6f11-4d30-a62a-a4b316a14abf' },
  ],
  types: [
    { name: 'vaults', versions },
    { name: 'vaults/secrets', versions },
    { name: 'vaults/accessPolicies', versions },
    { name: 'deletedVaults', versions },
    { name: 'locations', versions, global: true },
    { name: 'locations/deletedVaults', versions },
    { name: 'locations/operationResults', versions },
    { name: 'checkNameAvailability', versions },
    { name: 'managedHSMs', versions },
    { name: 'operations', versions, global: true },
  ],
  routes: [
    ...vaultRoutes,
    ...vaultContentRoutes,
    ...vaultNameRoutes,
    ...deletedVaultRoutes,
    ...managedHsmRoutes,
  ],
  deleteResource: softDelete,
  operations: {
    createVault: { finish: (simulator, { resourceId }) => finishVault(simulator, resourceId) },
    purgeVault: purging,
  },
}
