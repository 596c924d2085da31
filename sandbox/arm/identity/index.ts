import type { ResourceProvider } from '../provider.ts'
import { federatedCredentialRoutes } from './federated-credentials.ts'
import { deleteIdentity, identityRoutes } from './identities.ts'

const versions = ['2024-11-30', '2023-01-31', '2022-01-31-preview', '2018-11-30']

export const managedIdentityProvider: ResourceProvider = {
  namespace: 'Microsoft.ManagedIdentity',
  types: [
    { name: 'identities', versions, global: true },
    { name: 'userAssignedIdentities', versions },
    { name: 'userAssignedIdentities/federatedIdentityCredentials', versions },
    { name: 'operations', versions, global: true },
  ],
  routes: [...identityRoutes, ...federatedCredentialRoutes],
  deleteResource: deleteIdentity,
}
