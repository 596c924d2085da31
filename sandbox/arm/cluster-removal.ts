import { deleteCluster } from '../kube/clusters.ts'
import type { Simulator } from '../simulator.ts'
import { removeAssignmentsAt } from './assignments.ts'
import { removeIdentity } from './identities.ts'
import { preempt } from './operations.ts'
import { removePrincipal } from './principals.ts'
import { find, findGroup, groupId, inGroup } from './resources.ts'
import type { Resource } from './state.ts'

/** Takes a cluster away with the Kubernetes behind it, its node group and its own identities. */
export function removeCluster(simulator: Simulator, { body }: Resource): void {
  const { fqdn, nodeResourceGroup } = body.properties
  preempt(simulator, body.id)
  deleteCluster(simulator, String(fqdn))
  const nodes = String(nodeResourceGroup)
  if (findGroup(simulator, nodes)?.body.managedBy === body.id) {
    for (const resource of inGroup(simulator, nodes)) removeIdentity(simulator, resource)
    removeAssignmentsAt(simulator, groupId(simulator, nodes))
    delete simulator.state.arm.groups[groupId(simulator, nodes).toLowerCase()]
  }
  const { principalId } = (body.identity ?? {}) as { principalId?: string }
  if (principalId) removePrincipal(simulator, principalId)
  removeAssignmentsAt(simulator, body.id)
  if (find(simulator, body.id)) delete simulator.state.arm.resources[body.id.toLowerCase()]
  simulator.markChanged()
}
