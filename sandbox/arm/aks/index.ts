import type { ResourceProvider } from '../provider.ts'
import { agentPoolRoutes } from './agent-pools.ts'
import { clusterActionRoutes } from './cluster-actions.ts'
import { clusterRoutes } from './clusters.ts'
import { computeUsageRoutes } from './compute-usages.ts'
import { deleteManagedCluster } from './deletion.ts'
import { identityBindingRoutes } from './identity-bindings.ts'
import { clusterOperations } from './operations.ts'
import { upgradeProfileRoutes } from './upgrade-profiles.ts'

const versions = [
  '2026-04-01',
  '2026-01-01',
  '2025-10-01',
  '2025-07-01',
  '2025-05-01',
  '2025-02-01',
  '2024-09-01',
]

export const containerServiceProvider: ResourceProvider = {
  namespace: 'Microsoft.ContainerService',
  types: [
    { name: 'managedClusters', versions },
    { name: 'managedClusters/agentPools', versions },
    { name: 'managedClusters/identityBindings', versions: ['2026-04-01'] },
    { name: 'locations', versions: ['2017-08-31'] },
    { name: 'locations/operations', versions: ['2017-08-31', '2016-03-30'] },
    { name: 'locations/operationresults', versions: ['2017-08-31', '2016-03-30'] },
    { name: 'locations/kubernetesVersions', versions },
  ],
  routes: [
    ...clusterRoutes,
    ...clusterActionRoutes,
    ...agentPoolRoutes,
    ...identityBindingRoutes,
    ...upgradeProfileRoutes,
    ...computeUsageRoutes,
  ],
  deleteResource: deleteManagedCluster,
  operations: clusterOperations,
}
