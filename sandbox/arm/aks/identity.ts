import { requireLinkedPermission } from '../authorization/access.ts'
import { notFound } from '../errors.ts'
import { addPrincipal, deletePrincipal } from '../identity/principals.ts'
import type { ArmRequest } from '../request.ts'
import { findResource } from '../resources/resources.ts'
import type { Resource } from '../state.ts'
import { type ClusterBody, invalid } from './validation.ts'

/**
 * The cluster's `identity` with the ids that the directory gave it; an update keeps them. Using somebody's identity
 * needs the right to assign it.
 */
export function identityFor(request: ArmRequest, sent: ClusterBody['identity'], has: Resource | undefined) {
  const { simulator, caller, id, params } = request
  const old = has?.body.identity as { type?: string; principalId?: string } | undefined
  const kind = sent?.type ?? old?.type ?? 'SystemAssigned'
  if (kind.toLowerCase() === 'userassigned') {
    const wanted = sent?.userAssignedIdentities
    if (!wanted && old?.type === 'UserAssigned') return old
    const entries = Object.keys(wanted ?? {}).map((identityId) => {
      requireLinkedPermission(
        simulator,
        caller,
        { action: 'Microsoft.ContainerService/managedClusters/write', scope: id },
        { action: 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action', scope: identityId },
      )
      const identity = findResource(simulator, identityId)
      if (!identity) throw notFound(identityId)
      const { clientId, principalId } = identity.body.properties
      return [identity.body.id, { clientId, principalId }]
    })
    if (entries.length !== 1)
      throw invalid('identity.userAssignedIdentities', 'Exactly one user-assigned identity is required.')
    if (old?.principalId) deletePrincipal(simulator, old.principalId)
    return { type: 'UserAssigned', userAssignedIdentities: Object.fromEntries(entries) }
  }
  if (old?.principalId) return old
  const { principalId, tenantId } = addPrincipal(simulator, {
    displayName: params.cluster!,
    resourceId: id,
    explicit: false,
  })
  return { type: 'SystemAssigned', principalId, tenantId }
}
