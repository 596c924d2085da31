import type { Reply } from '../../http.ts'
import type { Simulator } from '../../simulator.ts'
import { ArmError, groupNotFound, invalidContent, notFound } from '../errors.ts'
import { invalidFilter, listBody } from '../lists.ts'
import type { ArmRequest, ArmRoute } from '../request.ts'
import { parseBody, type Shape } from '../request-body.ts'
import { findGroup, findResource } from '../resources/resources.ts'
import type { RoleAssignment } from '../state.ts'
import { dotNetTimestamp } from '../timestamps.ts'
import { deleteAssignment } from './assignment-removal.ts'
import { covers, roleForDefinition } from './permissions.ts'
import { definitionId } from './role-definitions.ts'

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase()

const idOf = (scope: string, name: string) =>
  `${scope === '/' ? '' : scope}/providers/Microsoft.Authorization/roleAssignments/${name}`

const body = (assignment: RoleAssignment, author: unknown = assignment.extra.createdBy ?? null) => ({
  properties: {
    roleDefinitionId: assignment.roleDefinitionId,
    principalId: assignment.principalId,
    principalType: assignment.principalType,
    scope: assignment.scope,
    condition: assignment.extra.condition ?? null,
    conditionVersion: assignment.extra.conditionVersion ?? null,
    createdOn: dotNetTimestamp(assignment.createdAt),
    updatedOn: dotNetTimestamp(Number(assignment.extra.updatedAt ?? assignment.createdAt)),
    createdBy: author,
    updatedBy: assignment.extra.updatedBy ?? null,
    delegatedManagedIdentityResourceId: null,
    description: assignment.extra.description ?? null,
  },
  id: assignment.id,
  type: 'Microsoft.Authorization/roleAssignments',
  name: assignment.name,
})

const living = (simulator: Simulator) =>
  Object.values(simulator.state.arm.roleAssignments).filter(({ deletedAt }) => deletedAt === undefined)

const foundBy = ({ simulator, params }: ArmRequest): RoleAssignment | undefined => {
  const found = simulator.state.arm.roleAssignments[idOf(params.scope!, params.assignment!).toLowerCase()]
  return found?.deletedAt === undefined ? found : undefined
}

/** Throws 404 unless the group or resource is there; parts of a resource (a single secret) are not looked up. */
function requireScope(simulator: Simulator, scope: string): void {
  const [top, group] =
    /^\/subscriptions\/[^/]+\/resourceGroups\/([^/]+)(\/providers\/[^/]+\/[^/]+\/[^/]+)?/i.exec(scope) ?? []
  if (!top || !group) return
  if (!findGroup(simulator, group)) throw groupNotFound(group)
  if (/\/providers\//i.test(top) && !findResource(simulator, top)) throw notFound(top)
}

/** The principal's type; without one sent it must be found in the directory, which takes a while to know it. */
function principalType(simulator: Simulator, principalId: string, sent: string | undefined): string {
  const { servicePrincipals, applications } = simulator.state.directory
  const principal = Object.values(servicePrincipals).find(
    ({ id, deletedAt }) => same(id, principalId) && deletedAt === undefined,
  )
  if (principal && sent && !same(sent, 'ServicePrincipal'))
    throw new ArmError(
      400,
      'UnmatchedPrincipalType',
      `The PrincipalId '${principalId.replaceAll('-', '')}' has type 'ServicePrincipal' , which is different from specified PrinciaplType '${sent}'.`,
    )
  if (sent) return sent
  if (principal && !simulator.isPending(principal.createdAt, 'directoryLag')) return 'ServicePrincipal'
  if (
    Object.values(applications).some(({ id, deletedAt }) => same(id, principalId) && deletedAt === undefined)
  )
    throw new ArmError(
      400,
      'PrincipalTypeNotSupported',
      'Principals of type Application cannot validly be used in role assignments.',
    )
  throw new ArmError(
    400,
    'PrincipalNotFound',
    `Principal ${principalId} does not exist in the directory ${simulator.state.tenant.id}. Check that you have the correct principal ID. If you are creating this principal and then immediately assigning a role, this error might be related to a replication delay. In this case, set the role assignment principalType property to a value, such as ServicePrincipal, User, or Group.  See https://aka.ms/docs-principaltype`,
  )
}

interface Sent {
  roleDefinitionId?: string
  principalId?: string
  principalType?: string
  description?: string
  condition?: string
  conditionVersion?: string
}

const shape: Shape = {
  properties: {
    roleDefinitionId: 'string',
    principalId: 'string',
    principalType: 'string',
    description: 'string',
    condition: 'string',
    conditionVersion: 'string',
  },
}

const types = ['User', 'Group', 'ServicePrincipal', 'ForeignGroup', 'Device']

function put(request: ArmRequest): Reply {
  const { call, simulator, caller, params } = request
  const [scope, name] = [params.scope || '/', params.assignment!]
  const sent = parseBody<{ properties?: Sent }>(call, shape).properties ?? {}
  if (!guid.test(name))
    throw new ArmError(
      400,
      'InvalidRoleAssignmentId',
      `The role assignment ID '${name}' is not valid. The role assignment ID must be a GUID.`,
    )
  if (!sent.roleDefinitionId || !sent.principalId)
    throw invalidContent(
      "The request content was invalid and could not be deserialized: 'Required properties roleDefinitionId and principalId are missing'.",
    )
  if (!guid.test(sent.principalId))
    throw new ArmError(
      400,
      'InvalidPrincipalId',
      'A valid principal ID must be provided for role assignment.',
    )
  if (sent.principalType && !types.some((type) => same(type, sent.principalType!)))
    throw new ArmError(
      400,
      'InvalidPrincipalType',
      `The principal type '${sent.principalType}' is not valid.`,
    )
  requireScope(simulator, scope)
  const role = roleForDefinition(sent.roleDefinitionId)
  if (!role)
    throw new ArmError(
      404,
      'RoleDefinitionDoesNotExist',
      `The specified role definition with ID '${sent.roleDefinitionId.split('/').at(-1)!.replaceAll('-', '')}' does not exist.`,
    )
  const { principalId } = sent
  const isSame = (other: RoleAssignment) =>
    same(other.scope, scope) &&
    same(other.principalId, principalId) &&
    roleForDefinition(other.roleDefinitionId) === role
  const found = foundBy(request)
  if (found && !isSame(found))
    throw new ArmError(
      400,
      'RoleAssignmentUpdateNotPermitted',
      'Tenant ID, application ID, principal ID, and scope are not allowed to be updated.',
    )
  const changes = {
    updatedAt: simulator.now(),
    updatedBy: caller.oid,
    ...(sent.description !== undefined && { description: sent.description }),
    ...(sent.condition !== undefined && { condition: sent.condition }),
    ...(sent.conditionVersion !== undefined && { conditionVersion: sent.conditionVersion }),
  }
  if (found) {
    Object.assign(found.extra, changes)
    return { status: 200, body: body(found) }
  }
  const twin = living(simulator).find(isSame)
  if (twin)
    throw new ArmError(
      409,
      'RoleAssignmentExists',
      `The role assignment already exists. The ID of the existing role assignment is ${twin.name.replaceAll('-', '')}.`,
    )
  const made: RoleAssignment = {
    id: idOf(scope, name),
    name,
    scope,
    roleDefinitionId: definitionId(simulator, scope, role.guid),
    principalId,
    principalType: principalType(simulator, principalId, sent.principalType),
    createdAt: simulator.now(),
    extra: { createdBy: caller.oid, ...changes },
  }
  simulator.state.arm.roleAssignments[made.id.toLowerCase()] = made
  return { status: 201, body: body(made, null) }
}

function get(request: ArmRequest): Reply {
  const found = foundBy(request)
  if (!found)
    throw new ArmError(
      404,
      'RoleAssignmentNotFound',
      `The role assignment '${request.params.assignment}' is not found.`,
    )
  return { status: 200, body: body(found) }
}

function remove(request: ArmRequest): Reply {
  const found = foundBy(request)
  if (!found) return { status: 204 }
  deleteAssignment(request.simulator, found)
  return { status: 200, body: body(found) }
}

/** Without a filter: at the scope, above it and below it. */
function list(request: ArmRequest): Reply {
  const scope = request.params.scope || '/'
  const filter = request.call.query('$filter')?.trim() ?? ''
  const principal = /^principalId\s+eq\s+'([^']+)'$/i.exec(filter)?.[1]
  const assignee = /\bassignedTo\('([^']+)'\)/i.exec(filter)?.[1]
  const atScope = /\batScope\(\)/i.test(filter)
  const rest = filter.replace(/\b(atScope\(\)|assignedTo\('[^']+'\))/gi, '').replace(/\band\b/gi, '')
  if (principal === undefined && rest.trim()) throw invalidFilter(filter)
  const found = living(request.simulator).filter(
    (assignment) =>
      (covers(assignment.scope, scope) || (!atScope && covers(scope, assignment.scope))) &&
      same(principal ?? assignee ?? assignment.principalId, assignment.principalId),
  )
  return {
    status: 200,
    body: listBody(
      request,
      found.map((assignment) => body(assignment)),
    ),
  }
}

const assignments = ':scope*/providers/Microsoft.Authorization/roleAssignments'

export const roleAssignmentRoutes: ArmRoute[] = [
  { method: 'GET', path: assignments, handler: list },
  { method: 'PUT', path: `${assignments}/:assignment`, handler: put },
  { method: 'GET', path: `${assignments}/:assignment`, handler: get },
  { method: 'DELETE', path: `${assignments}/:assignment`, handler: remove },
]
