import { deleteCluster } from '../../kube/clusters.ts'
import type { Simulator } from '../../simulator.ts'
import { deleteAssignmentsAt } from '../authorization/assignment-removal.ts'
import { deleteIdentity } from '../identity/identities.ts'
import { deletePrincipal } from '../identity/principals.ts'
import { preemptOperation } from '../operations.ts'
import { findGroup, findResource, resourcesWithin } from '../resources/resources.ts'
import type { Resource } from '../state.ts'

/** Deletes a cluster with its Kubernetes API server, its node resource group and its own identities. */
export function deleteManagedCluster(simulator: Simulator, { body }: Resource): void {
  const { fqdn, nodeResourceGroup } = body.properties
  preemptOperation(simulator, body.id)
  deleteCluster(simulator, String(fqdn))
  const nodeGroup = String(nodeResourceGroup)
  const group = findGroup(simulator, body.id, nodeGroup)?.body
  if (group?.managedBy === body.id) {
    for (const resource of resourcesWithin(simulator, group.id)) deleteIdentity(simulator, resource)
    deleteAssignmentsAt(simulator, group.id)
    delete simulator.state.arm.groups[group.id.toLowerCase()]
  }
  const { principalId } = (body.identity ?? {}) as { principalId?: string }
  if (principalId) deletePrincipal(simulator, principalId)
  deleteAssignmentsAt(simulator, body.id)
  if (findResource(simulator, body.id)) delete simulator.state.arm.resources[body.id.toLowerCase()]
}
