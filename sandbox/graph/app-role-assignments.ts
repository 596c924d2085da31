import type { Reply } from '../http.ts'
import { ownProperty } from '../own-property.ts'
import { isLimitedToOwned } from './authorization.ts'
import { badRequest, methodNotAllowed, notFound, requestDenied } from './errors.ts'
import { equalsIgnoreCase, type GraphCall } from './request.ts'
import { collectionReply } from './responses.ts'
import { servicePrincipalView } from './service-principal-view.ts'
import type { ServicePrincipalObject } from './state.ts'

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Handles `/servicePrincipals/{id}/appRoleAssignments`: list, grant and revoke. */
export function appRoleAssignments(
  call: GraphCall,
  principal: ServicePrincipalObject,
  rest: string[],
): Reply {
  const { method, simulator } = call
  const assignments = principal.appRoleAssignments ?? []
  const nameOf = (id: string) => {
    const resource = simulator.state.directory.servicePrincipals[id]
    return resource ? (servicePrincipalView(simulator, resource).displayName as string | null) : null
  }
  const view = (each: (typeof assignments)[number]) => ({
    id: each.id,
    deletedDateTime: null,
    appRoleId: each.appRoleId,
    createdDateTime: new Date(each.createdAt).toISOString(),
    principalDisplayName: nameOf(principal.id),
    principalId: principal.id,
    principalType: 'ServicePrincipal',
    resourceDisplayName: nameOf(each.resourceId),
    resourceId: each.resourceId,
  })
  const [first = ''] = rest
  if (method === 'GET' && first === '')
    return collectionReply(call, {
      context: `servicePrincipals('${principal.id}')/appRoleAssignments`,
      resource: 'AppRoleAssignment',
      rows: assignments.map(view),
    })
  // Granting and revoking need permission to consent for the tenant.
  if (isLimitedToOwned(call)) throw requestDenied()
  if (method === 'POST' && first === '') {
    const { appRoleId, principalId, resourceId } = call.body() as Record<string, string | undefined>
    if (
      !appRoleId ||
      !resourceId ||
      !principalId ||
      ![appRoleId, resourceId, principalId].every((id) => typeof id === 'string' && guid.test(id))
    )
      throw badRequest('Invalid value specified for property of resource AppRoleAssignment.')
    if (!equalsIgnoreCase(principalId, principal.id))
      throw badRequest('The principalId is another than the one in the address.')
    if (!ownProperty(simulator.state.directory.servicePrincipals, resourceId.toLowerCase()))
      throw notFound(resourceId)
    const assignment = {
      id: crypto.randomUUID(),
      appRoleId,
      resourceId: resourceId.toLowerCase(),
      createdAt: simulator.now(),
    }
    principal.appRoleAssignments = [...assignments, assignment]
    simulator.markChanged()
    return { status: 201, body: view(assignment) }
  }
  if (method === 'DELETE' && first) {
    if (!assignments.some(({ id }) => id === first)) throw notFound(first)
    principal.appRoleAssignments = assignments.filter(({ id }) => id !== first)
    simulator.markChanged()
    return { status: 204 }
  }
  throw methodNotAllowed()
}
