import { isGuid } from '../guid.ts'
import type { Reply } from '../http.ts'
import { ownProperty } from '../own-property.ts'
import type { Simulator } from '../simulator.ts'
import { isLimitedToOwned } from './authorization.ts'
import { badRequest, notFound, requestDenied } from './errors.ts'
import { requireServicePrincipal } from './lookup.ts'
import { equalsIgnoreCase, type GraphCall } from './request.ts'
import { collectionReply, type View } from './responses.ts'
import { servicePrincipalView } from './service-principal-view.ts'
import type { ServicePrincipalObject } from './state.ts'

type AppRoleAssignment = NonNullable<ServicePrincipalObject['appRoleAssignments']>[number]

function displayNameOf(simulator: Simulator, id: string): unknown {
  const found = simulator.state.directory.servicePrincipals[id]
  return found ? servicePrincipalView(simulator, found).displayName : null
}

const assignmentView = (
  { simulator }: GraphCall,
  principal: ServicePrincipalObject,
  { id, appRoleId, createdAt, resourceId }: AppRoleAssignment,
): View => ({
  id,
  deletedDateTime: null,
  appRoleId,
  createdDateTime: new Date(createdAt).toISOString(),
  principalDisplayName: displayNameOf(simulator, principal.id),
  principalId: principal.id,
  principalType: 'ServicePrincipal',
  resourceDisplayName: displayNameOf(simulator, resourceId),
  resourceId,
})

/** Throws 403 unless the caller can consent for the tenant, which granting and revoking require. */
function requireConsentPermission(call: GraphCall): void {
  if (isLimitedToOwned(call)) throw requestDenied()
}

export function listAppRoleAssignments(call: GraphCall): Reply {
  const principal = requireServicePrincipal(call)
  return collectionReply(call, {
    context: `servicePrincipals('${principal.id}')/appRoleAssignments`,
    resource: 'AppRoleAssignment',
    rows: (principal.appRoleAssignments ?? []).map((each) => assignmentView(call, principal, each)),
  })
}

export function createAppRoleAssignment(call: GraphCall): Reply {
  const { simulator } = call
  const principal = requireServicePrincipal(call)
  requireConsentPermission(call)
  const { appRoleId, principalId, resourceId } = call.body()
  if (!isGuid(appRoleId) || !isGuid(resourceId) || !isGuid(principalId))
    throw badRequest('Invalid value specified for property of resource AppRoleAssignment.')
  if (!equalsIgnoreCase(principalId, principal.id))
    throw badRequest('The principalId does not match the service principal in the URL.')
  if (!ownProperty(simulator.state.directory.servicePrincipals, resourceId.toLowerCase()))
    throw notFound(resourceId)
  const assignment = {
    id: crypto.randomUUID(),
    appRoleId,
    resourceId: resourceId.toLowerCase(),
    createdAt: simulator.now(),
  }
  principal.appRoleAssignments = [...(principal.appRoleAssignments ?? []), assignment]
  return { status: 201, body: assignmentView(call, principal, assignment) }
}

export function deleteAppRoleAssignment(call: GraphCall): Reply {
  const principal = requireServicePrincipal(call)
  requireConsentPermission(call)
  const assignments = principal.appRoleAssignments ?? []
  const id = call.params.assignment ?? ''
  if (!assignments.some((each) => each.id === id)) throw notFound(id)
  principal.appRoleAssignments = assignments.filter((each) => each.id !== id)
  return { status: 204 }
}
