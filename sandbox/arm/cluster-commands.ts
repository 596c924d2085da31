import type { Reply } from '../http.ts'
import { rotateSigningKeys } from '../kube/clusters.ts'
import { credentials } from './cluster-credentials.ts'
import {
  accepted,
  knownCluster,
  propertiesOf,
  regionOf,
  requireIdle,
  requireRunning,
} from './cluster-lookup.ts'
import { finishDueOperations } from './due-operations.ts'
import { begin, running } from './operations.ts'
import type { ArmRequest, Route } from './route.ts'

/** Start, stop and key rotation: long operations without a body. */
const command =
  (kind: 'startCluster' | 'stopCluster' | 'rotateKeys', state: string) =>
  async (ask: ArmRequest): Promise<Reply> => {
    const { simulator } = ask
    const found = knownCluster(ask)
    requireIdle(simulator, found)
    const properties = propertiesOf(found)
    const code = properties.powerState?.code
    if ((kind === 'startCluster' && code === 'Running') || (kind === 'stopCluster' && code === 'Stopped'))
      return { status: 204 }
    if (kind === 'rotateKeys') requireRunning(found)
    properties.provisioningState = state
    const operation = begin(simulator, kind, { id: found.body.id, region: regionOf(found) }, 'clusterUpdate')
    if (kind === 'rotateKeys') await rotateSigningKeys(simulator, properties.fqdn!)
    return { status: 202, headers: accepted(ask, operation) }
  }

/** Cancels what runs on the cluster, which stays as far as it came. */
function abort(ask: ArmRequest): Reply {
  const operation = running(ask.simulator, knownCluster(ask).body.id)
  if (operation) {
    operation.ending = 'canceled'
    operation.endsAt = ask.simulator.now()
    finishDueOperations(ask.simulator)
    ask.simulator.markChanged()
  }
  return { status: 204 }
}

const path =
  '/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.ContainerService/managedClusters/{cluster}'

export const clusterCommandRoutes: Route[] = [
  { method: 'POST', path: `${path}/listClusterUserCredential`, to: credentials('User') },
  { method: 'POST', path: `${path}/listClusterAdminCredential`, to: credentials('Admin') },
  { method: 'POST', path: `${path}/abort`, to: abort },
  { method: 'POST', path: `${path}/start`, to: command('startCluster', 'Starting') },
  { method: 'POST', path: `${path}/stop`, to: command('stopCluster', 'Stopping') },
  { method: 'POST', path: `${path}/rotateServiceAccountSigningKeys`, to: command('rotateKeys', 'Updating') },
]
