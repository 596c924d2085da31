import type { Cloud } from '../cloud.ts'
import { deleteCluster } from '../kube/clusters.ts'
import { removeAssignmentsAt } from './assignments.ts'
import { removeIdentity } from './identities.ts'
import { preempt } from './operations.ts'
import { removePrincipal } from './principals.ts'
import { find, findGroup, groupId, inGroup } from './resources.ts'
import type { Resource } from './state.ts'

/** Takes a cluster away with the Kubernetes behind it, its node group and its own identities. */
export function removeCluster(cloud: Cloud, { body }: Resource): void {
  const { fqdn, nodeResourceGroup } = body.properties
  preempt(cloud, body.id)
  deleteCluster(cloud, String(fqdn))
  const nodes = String(nodeResourceGroup)
  if (findGroup(cloud, nodes)?.body.managedBy === body.id) {
    for (const resource of inGroup(cloud, nodes)) removeIdentity(cloud, resource)
    removeAssignmentsAt(cloud, groupId(cloud, nodes))
    delete cloud.world.arm.groups[groupId(cloud, nodes).toLowerCase()]
  }
  const { principalId } = (body.identity ?? {}) as { principalId?: string }
  if (principalId) removePrincipal(cloud, principalId)
  removeAssignmentsAt(cloud, body.id)
  if (find(cloud, body.id)) delete cloud.world.arm.resources[body.id.toLowerCase()]
  cloud.changed()
}
