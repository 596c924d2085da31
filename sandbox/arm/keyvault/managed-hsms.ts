import type { ArmRoute } from '../request.ts'

/** Managed HSMs are not simulated; az lists them together with the vaults. */
export const managedHsmRoutes: ArmRoute[] = [
  '/subscriptions/:subscription/providers/Microsoft.KeyVault/managedHSMs',
  '/subscriptions/:subscription/providers/Microsoft.KeyVault/deletedManagedHSMs',
  '/subscriptions/:subscription/resourceGroups/:group/providers/Microsoft.KeyVault/managedHSMs',
].map((path) => ({ method: 'GET', path, handler: () => ({ status: 200, body: { value: [] } }) }))
