import { groupsOf } from '../../graph/groups.ts'
import type { Reply } from '../../http.ts'
import type { Simulator } from '../../simulator.ts'
import { ArmError } from '../errors.ts'
import { invalidFilter, listBody } from '../lists.ts'
import type { ArmRequest, ArmRoute } from '../request.ts'
import type { RoleAssignment } from '../state.ts'
import { dotNetTimestamp } from '../timestamps.ts'
import { deleteAssignment } from './assignment-removal.ts'
import { covers, roleForDefinition } from './permissions.ts'
import { type AssignmentRequest, parseAssignment, resolvePrincipalType } from './role-assignment-request.ts'
import { definitionId } from './role-definitions.ts'

const equal = (a: string, b: string) => a.toLowerCase() === b.toLowerCase()

const assignmentId = (scope: string, name: string) =>
  `${scope === '/' ? '' : scope}/providers/Microsoft.Authorization/roleAssignments/${name}`

/** `createdBy` is null in the response to the creation only. */
const assignmentView = (
  assignment: RoleAssignment,
  createdBy: unknown = assignment.extra.createdBy ?? null,
) => ({
  properties: {
    roleDefinitionId: assignment.roleDefinitionId,
    principalId: assignment.principalId,
    principalType: assignment.principalType,
    scope: assignment.scope,
    condition: assignment.extra.condition ?? null,
    conditionVersion: assignment.extra.conditionVersion ?? null,
    createdOn: dotNetTimestamp(assignment.createdAt),
    updatedOn: dotNetTimestamp(Number(assignment.extra.updatedAt ?? assignment.createdAt)),
    createdBy,
    updatedBy: assignment.extra.updatedBy ?? null,
    delegatedManagedIdentityResourceId: null,
    description: assignment.extra.description ?? null,
  },
  id: assignment.id,
  type: 'Microsoft.Authorization/roleAssignments',
  name: assignment.name,
})

const activeAssignments = (simulator: Simulator) =>
  Object.values(simulator.state.arm.roleAssignments).filter(({ deletedAt }) => deletedAt === undefined)

function findAssignment({ simulator, params }: ArmRequest): RoleAssignment | undefined {
  const id = assignmentId(params.scope!, params.assignment!).toLowerCase()
  const assignment = simulator.state.arm.roleAssignments[id]
  return assignment?.deletedAt === undefined ? assignment : undefined
}

function put(request: ArmRequest): Reply {
  const { simulator, caller } = request
  const input = parseAssignment(request)
  const { scope, principalId } = input
  const grantsSame = (other: RoleAssignment) =>
    equal(other.scope, scope) &&
    equal(other.principalId, principalId) &&
    roleForDefinition(simulator, other.roleDefinitionId) === input.role
  const existing = findAssignment(request)
  if (existing && !grantsSame(existing))
    throw new ArmError(
      400,
      'RoleAssignmentUpdateNotPermitted',
      'Tenant ID, application ID, principal ID, and scope are not allowed to be updated.',
    )
  const extra = { updatedAt: simulator.now(), updatedBy: caller.oid, ...input.extra }
  if (existing) {
    Object.assign(existing.extra, extra)
    return { status: 200, body: assignmentView(existing) }
  }
  const duplicate = activeAssignments(simulator).find(grantsSame)
  if (duplicate)
    throw new ArmError(
      409,
      'RoleAssignmentExists',
      `The role assignment already exists. The ID of the existing role assignment is ${duplicate.name.replaceAll('-', '')}.`,
    )
  return create(request, input, extra)
}

function create(
  { simulator, caller }: ArmRequest,
  { name, scope, role, principalId, principalType }: AssignmentRequest,
  extra: Record<string, unknown>,
): Reply {
  const assignment: RoleAssignment = {
    id: assignmentId(scope, name),
    name,
    scope,
    roleDefinitionId: definitionId(scope, role.guid),
    principalId,
    principalType: resolvePrincipalType(simulator, principalId, principalType),
    createdAt: simulator.now(),
    extra: { createdBy: caller.oid, ...extra },
  }
  simulator.state.arm.roleAssignments[assignment.id.toLowerCase()] = assignment
  return { status: 201, body: assignmentView(assignment, null) }
}

function get(request: ArmRequest): Reply {
  const assignment = findAssignment(request)
  if (!assignment)
    throw new ArmError(
      404,
      'RoleAssignmentNotFound',
      `The role assignment '${request.params.assignment}' is not found.`,
    )
  return { status: 200, body: assignmentView(assignment) }
}

function remove(request: ArmRequest): Reply {
  const assignment = findAssignment(request)
  if (!assignment) return { status: 204 }
  deleteAssignment(request.simulator, assignment)
  return { status: 200, body: assignmentView(assignment) }
}

/** Lists assignments at the scope, above it and, without `atScope()`, below it. */
function list(request: ArmRequest): Reply {
  const scope = request.params.scope || '/'
  const filter = request.call.query('$filter')?.trim() ?? ''
  const principal = /^principalId\s+eq\s+'([^']+)'$/i.exec(filter)?.[1]
  const assignee = /\bassignedTo\('([^']+)'\)/i.exec(filter)?.[1]
  const atScope = /\batScope\(\)/i.test(filter)
  const rest = filter.replace(/\b(atScope\(\)|assignedTo\('[^']+'\))/gi, '').replace(/\band\b/gi, '')
  if (principal === undefined && rest.trim()) throw invalidFilter(filter)
  const wanted =
    assignee !== undefined
      ? [assignee, ...groupsOf(request.simulator, assignee)]
      : principal === undefined
        ? undefined
        : [principal]
  const found = activeAssignments(request.simulator).filter(
    (assignment) =>
      (covers(assignment.scope, scope) || (!atScope && covers(scope, assignment.scope))) &&
      (wanted === undefined || wanted.some((id) => equal(id, assignment.principalId))),
  )
  return {
    status: 200,
    body: listBody(
      request,
      found.map((assignment) => assignmentView(assignment)),
    ),
  }
}

const path = ':scope*/providers/Microsoft.Authorization/roleAssignments'

export const roleAssignmentRoutes: ArmRoute[] = [
  { method: 'GET', path, handler: list },
  { method: 'PUT', path: `${path}/:assignment`, handler: put },
  { method: 'GET', path: `${path}/:assignment`, handler: get },
  { method: 'DELETE', path: `${path}/:assignment`, handler: remove },
]
