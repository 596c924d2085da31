import type { Reply } from '../../http.ts'
import { ArmError } from '../errors.ts'
import { listBody, parseFilter } from '../lists.ts'
import type { ArmRequest, ArmRoute } from '../request.ts'
import { subscriptionPath } from '../subscription-path.ts'
import { requirePermission } from './access.ts'
import { roleDates } from './built-in-role-dates.ts'
import { builtInRoles } from './built-in-roles.ts'
import { deleteRole, putRole } from './custom-roles.ts'
import { assignmentsAt, roleForDefinition } from './permissions.ts'
import type { Role } from './role.ts'

/** Returns the ID of a definition. At a scope below the subscription, it begins with the subscription. */
export const definitionId = (scope: string, guid: string) =>
  `${/^\/subscriptions\//i.test(scope) ? subscriptionPath(scope) : ''}/providers/Microsoft.Authorization/roleDefinitions/${guid}`

const roleType = ({ assignableScopes }: Role) => (assignableScopes ? 'CustomRole' : 'BuiltInRole')

const roleView = ({ params }: ArmRequest, role: Role) => ({
  properties: {
    roleName: role.name,
    type: roleType(role),
    description: role.description,
    assignableScopes: role.assignableScopes ?? ['/'],
    permissions: [role.permission],
    ...roleDates.get(role.guid),
    createdBy: null,
    updatedBy: null,
  },
  id: definitionId(params.scope!, role.guid),
  type: 'Microsoft.Authorization/roleDefinitions',
  name: role.guid,
})

/** Everyone may read the built-in roles at the root scope. */
function requireRead({ simulator, caller, params }: ArmRequest): void {
  if (params.scope)
    requirePermission(simulator, caller, 'Microsoft.Authorization/roleDefinitions/read', params.scope)
}

function list(request: ArmRequest): Reply {
  requireRead(request)
  const filter = (request.call.query('$filter') ?? '').replace(/\batScope(AndBelow)?\(\)(\s+and\s+)?/gi, '')
  const conditions = parseFilter(filter.replace(/\s+and\s*$/i, ''))
  const all = [...builtInRoles, ...Object.values(request.simulator.state.arm.customRoles ?? {})]
  const found = all.filter((role) => {
    const values: Record<string, string> = { rolename: role.name, type: roleType(role) }
    return conditions.every(
      ({ name, equal, value }) => (values[name]?.toLowerCase() === value.toLowerCase()) === equal,
    )
  })
  return {
    status: 200,
    body: listBody(
      request,
      found.map((role) => roleView(request, role)),
    ),
  }
}

function get(request: ArmRequest): Reply {
  requireRead(request)
  const role = roleForDefinition(request.simulator, request.params.role!)
  if (!role)
    throw new ArmError(
      404,
      'RoleDefinitionDoesNotExist',
      `The specified role definition with ID '${request.params.role}' does not exist.`,
    )
  return { status: 200, body: roleView(request, role) }
}

/** Lists the caller's permissions at the scope: one entry for each role in effect. */
function permissions(request: ArmRequest): Reply {
  const { simulator, caller, params } = request
  const roles = assignmentsAt(simulator, caller.oid, params.scope || '/').flatMap(
    ({ roleDefinitionId }) => roleForDefinition(simulator, roleDefinitionId) ?? [],
  )
  return {
    status: 200,
    body: listBody(
      request,
      [...new Set(roles)].map((role) => role.permission),
    ),
  }
}

const definitions = ':scope*/providers/Microsoft.Authorization/roleDefinitions'

export const roleDefinitionRoutes: ArmRoute[] = [
  { method: 'GET', path: definitions, action: 'none', handler: list },
  { method: 'GET', path: `${definitions}/:role`, action: 'none', handler: get },
  {
    method: 'PUT',
    path: `${definitions}/:role`,
    handler: (request) => putRole(request, (role) => roleView(request, role)),
  },
  {
    method: 'DELETE',
    path: `${definitions}/:role`,
    handler: (request) => deleteRole(request, (role) => roleView(request, role)),
  },
  {
    method: 'GET',
    path: ':scope*/providers/Microsoft.Authorization/permissions',
    action: 'none',
    handler: permissions,
  },
]
