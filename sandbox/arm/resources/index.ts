import type { ResourceProvider } from '../provider.ts'
import { groupRoutes } from './groups.ts'
import { resourceRoutes } from './resources.ts'
import { subscriptionRoutes } from './subscriptions.ts'

const versions = ['2025-04-01', '2024-11-01', '2024-07-01', '2022-12-01', '2021-04-01', '2015-11-01']

/** Resource Manager's own types. */
export const resourcesProvider: ResourceProvider = {
  namespace: 'Microsoft.Resources',
  alwaysRegistered: true,
  types: [
    'subscriptions',
    'resourceGroups',
    'subscriptions/resourceGroups',
    'subscriptions/locations',
    'resources',
    'tenants',
    'providers',
  ].map((name) => ({ name, versions, global: true })),
  routes: [...subscriptionRoutes, ...groupRoutes, ...resourceRoutes],
}
