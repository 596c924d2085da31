import type { Reply } from '../../http.ts'
import { rotateSigningKeys } from '../../kube/clusters.ts'
import { runningOperation, startOperation } from '../operations.ts'
import type { ArmRequest, ArmRoute } from '../request.ts'
import { listCredentials } from './credentials.ts'
import {
  acceptedHeaders,
  propertiesOf,
  regionOf,
  requireCluster,
  requireIdle,
  requireRunning,
} from './lookup.ts'

/** Start, stop and key rotation: long-running operations without a body. */
const start =
  (kind: 'startCluster' | 'stopCluster' | 'rotateKeys', state: string) =>
  async (request: ArmRequest): Promise<Reply> => {
    const { simulator } = request
    const cluster = requireCluster(request)
    requireIdle(simulator, cluster)
    const properties = propertiesOf(cluster)
    const code = properties.powerState?.code
    if ((kind === 'startCluster' && code === 'Running') || (kind === 'stopCluster' && code === 'Stopped'))
      return { status: 204 }
    if (kind === 'rotateKeys') requireRunning(cluster)
    properties.provisioningState = state
    const operation = startOperation(
      simulator,
      kind,
      { id: cluster.body.id, region: regionOf(cluster) },
      'clusterUpdate',
    )
    if (kind === 'rotateKeys') await rotateSigningKeys(simulator, properties.fqdn!)
    return { status: 202, headers: acceptedHeaders(request, operation) }
  }

/** Cancels the operation that is running on the cluster. The cluster is not changed. */
function abort(request: ArmRequest): Reply {
  const operation = runningOperation(request.simulator, requireCluster(request).body.id)
  if (operation) {
    operation.ending = 'canceled'
    operation.endsAt = request.simulator.now()
  }
  return { status: 204 }
}

const path =
  '/subscriptions/:subscription/resourceGroups/:group/providers/Microsoft.ContainerService/managedClusters/:cluster'

export const clusterActionRoutes: ArmRoute[] = [
  { method: 'POST', path: `${path}/listClusterUserCredential`, handler: listCredentials('User') },
  { method: 'POST', path: `${path}/listClusterAdminCredential`, handler: listCredentials('Admin') },
  { method: 'POST', path: `${path}/abort`, handler: abort },
  { method: 'POST', path: `${path}/start`, handler: start('startCluster', 'Starting') },
  { method: 'POST', path: `${path}/stop`, handler: start('stopCluster', 'Stopping') },
  {
    method: 'POST',
    path: `${path}/rotateServiceAccountSigningKeys`,
    handler: start('rotateKeys', 'Updating'),
  },
]
