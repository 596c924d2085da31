import { requireLinkedPermission } from '../authorization/access.ts'
import { notFound } from '../errors.ts'
import { addPrincipal, deletePrincipal } from '../identity/principals.ts'
import type { ArmRequest } from '../request.ts'
import { findResource } from '../resources/resources.ts'
import type { Resource } from '../state.ts'
import { type ClusterBody, invalid } from './validation.ts'

/** Returns a cluster's `identity` after a PUT. An update keeps the principal of a system-assigned identity. */
export function clusterIdentity(
  request: ArmRequest,
  input: ClusterBody['identity'],
  existing: Resource | undefined,
) {
  const { simulator, id, params } = request
  const old = existing?.body.identity as { type?: string; principalId?: string } | undefined
  const kind = input?.type ?? old?.type ?? 'SystemAssigned'
  if (kind.toLowerCase() === 'userassigned') {
    const identities = input?.userAssignedIdentities
    if (!identities && old?.type === 'UserAssigned') return old
    const resolved = resolveIdentities(request, Object.keys(identities ?? {}))
    if (old?.principalId) deletePrincipal(simulator, old.principalId)
    return { type: 'UserAssigned', userAssignedIdentities: resolved }
  }
  if (old?.principalId) return old
  const { principalId, tenantId } = addPrincipal(simulator, {
    displayName: params.cluster!,
    resourceId: id,
    explicit: false,
  })
  return { type: 'SystemAssigned', principalId, tenantId }
}

/** Throws unless there is exactly one identity, and the caller may assign it. */
function resolveIdentities({ simulator, caller, id }: ArmRequest, identityIds: string[]) {
  const entries = identityIds.map((identityId) => {
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
  return Object.fromEntries(entries)
}
