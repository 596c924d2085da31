import { groupsOf } from '../../graph/groups.ts'
import { ownProperty } from '../../own-property.ts'
import type { Simulator } from '../../simulator.ts'
import type { DenyAssignment, RoleAssignment } from '../state.ts'
import { builtInRoles } from './built-in-roles.ts'
import { type Attributes, permitsAction } from './conditions.ts'
import type { Permission, Role } from './role.ts'

const byGuid = new Map(builtInRoles.map((role) => [role.guid, role]))

/** Returns the built-in or custom role of a definition ID at any scope. */
export function roleForDefinition({ state }: Simulator, roleDefinitionId: string): Role | undefined {
  const guid = roleDefinitionId.split('/').at(-1)!.toLowerCase()
  return byGuid.get(guid) ?? ownProperty(state.arm.customRoles ?? {}, guid)
}

/** The subscription is in every management group. */
const isAbove = (scope: string) =>
  scope === '/' || /^\/providers\/Microsoft\.Management\/managementGroups\/[^/]+$/i.test(scope)

/** True if the scope equals or contains the other one. Ignores case. */
export const covers = (scope: string, other: string): boolean =>
  isAbove(scope) || `${other.toLowerCase()}/`.startsWith(`${scope.toLowerCase()}/`)

const patterns = new Map<string, RegExp>()

/** True if an action pattern such as `Microsoft.KeyVault/vaults/*` matches the action. */
export function matches(pattern: string, action: string): boolean {
  let expression = patterns.get(pattern)
  if (!expression) {
    const text = pattern
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')
    expression = new RegExp(`^${text}$`, 'i')
    patterns.set(pattern, expression)
  }
  return expression.test(action)
}

const permits = (permission: Permission, action: string, kind: 'control' | 'data'): boolean => {
  const [some, none] =
    kind === 'data'
      ? [permission.dataActions, permission.notDataActions]
      : [permission.actions, permission.notActions]
  return some.some((pattern) => matches(pattern, action)) && !none.some((pattern) => matches(pattern, action))
}

/** An assignment takes effect some time after its creation, and loses its effect as long after its deletion. */
const isEffective = (simulator: Simulator, assignment: RoleAssignment): boolean =>
  assignment.deletedAt === undefined
    ? !simulator.isPending(assignment.createdAt, 'roleLag')
    : simulator.isPending(assignment.deletedAt, 'roleLag') &&
      assignment.deletedAt - assignment.createdAt >= simulator.durationOf('roleLag')

/** Returns the assignments in effect of the principal and of the groups that it is a member of, at all scopes. */
export function assignmentsOf(simulator: Simulator, principalId: string): RoleAssignment[] {
  const principals = [principalId, ...groupsOf(simulator, principalId)].map((id) => id.toLowerCase())
  return Object.values(simulator.state.arm.roleAssignments).filter(
    (assignment) =>
      principals.includes(assignment.principalId.toLowerCase()) && isEffective(simulator, assignment),
  )
}

/** Returns the principal's assignments that are in effect at the scope. */
export const assignmentsAt = (simulator: Simulator, principalId: string, scope: string): RoleAssignment[] =>
  assignmentsOf(simulator, principalId).filter((assignment) => covers(assignment.scope, scope))

/** Returns the deny assignment that forbids the principal the action at the scope, whatever its roles. */
export function findDenial(
  simulator: Simulator,
  principalId: string,
  action: string,
  scope: string,
  kind: 'control' | 'data' = 'control',
): DenyAssignment | undefined {
  const all = Object.values(simulator.state.arm.denyAssignments ?? {})
  if (all.length === 0) return undefined
  const ids = [principalId, ...groupsOf(simulator, principalId)].map((id) => id.toLowerCase())
  const includes = (principals: { id: string }[]) =>
    principals.some(({ id }) => /^[0-]+$/.test(id) || ids.includes(id.toLowerCase()))
  return all.find(
    ({ properties: { permissions, principals, excludePrincipals, ...where } }) =>
      (where.doNotApplyToChildScopes
        ? where.scope.toLowerCase() === scope.toLowerCase()
        : covers(where.scope, scope)) &&
      includes(principals) &&
      !includes(excludePrincipals) &&
      permissions.some((permission) => permits(permission, action, kind)),
  )
}

/**
 * True if the principal may do the action (`kind` data: data action) at the scope: a role allows it, and no deny
 * assignment forbids it. `attributes` are those that conditions may compare.
 */
export function isAllowed(...request: Parameters<typeof hasRoleFor>): boolean {
  const [simulator, principalId, action, scope, kind] = request
  return hasRoleFor(...request) && !findDenial(simulator, principalId, action, scope, kind)
}

/** True if a role assignment in effect allows the principal the action at the scope. */
export function hasRoleFor(
  simulator: Simulator,
  principalId: string,
  action: string,
  scope: string,
  kind: 'control' | 'data' = 'control',
  attributes: Attributes = {},
): boolean {
  return assignmentsAt(simulator, principalId, scope).some((assignment) => {
    const role = roleForDefinition(simulator, assignment.roleDefinitionId)
    return (
      role !== undefined &&
      permits(role.permission, action, kind) &&
      permitsAction(assignment.extra.condition, action, matches, attributes)
    )
  })
}
