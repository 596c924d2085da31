import type { Simulator } from '../../simulator.ts'
import type { RoleAssignment } from '../state.ts'
import { builtInRoles, type Permission } from './built-in-roles.ts'

const byGuid = new Map(builtInRoles.map((role) => [role.guid, role]))

/** The built-in role that a definition id ends in, whatever scope stands before it. */
export const roleForDefinition = (roleDefinitionId: string) =>
  byGuid.get(roleDefinitionId.split('/').at(-1)!.toLowerCase())

/** `/subscriptions/s` covers itself and all below it, `/` covers everything. Case does not matter. */
export const covers = (scope: string, below: string): boolean =>
  scope === '/' || `${below.toLowerCase()}/`.startsWith(`${scope.toLowerCase()}/`)

const patterns = new Map<string, RegExp>()

/** True if an action pattern such as `Microsoft.KeyVault/vaults/*` matches the action. */
function matches(pattern: string, action: string): boolean {
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

/** An assignment works some time after it was made, and goes on working for as long after it was deleted. */
const works = (simulator: Simulator, assignment: RoleAssignment): boolean =>
  assignment.deletedAt === undefined
    ? !simulator.isPending(assignment.createdAt, 'roleLag')
    : simulator.isPending(assignment.deletedAt, 'roleLag') &&
      assignment.deletedAt - assignment.createdAt >= simulator.durationOf('roleLag')

/** The principal's assignments that take effect, wherever. */
export const assignmentsOf = (simulator: Simulator, principalId: string): RoleAssignment[] =>
  Object.values(simulator.state.arm.roleAssignments).filter(
    (assignment) =>
      assignment.principalId.toLowerCase() === principalId.toLowerCase() && works(simulator, assignment),
  )

/** Those of them that take effect at `scope`. */
export const assignmentsAt = (simulator: Simulator, principalId: string, scope: string): RoleAssignment[] =>
  assignmentsOf(simulator, principalId).filter((assignment) => covers(assignment.scope, scope))

/**
 * True if a role assignment at `scope` or above allows the principal this action (`kind` data: data actions),
 * and has been there long enough to take effect.
 */
export function isAllowed(
  simulator: Simulator,
  principalId: string,
  action: string,
  scope: string,
  kind: 'control' | 'data' = 'control',
): boolean {
  return assignmentsAt(simulator, principalId, scope).some((assignment) => {
    const role = roleForDefinition(assignment.roleDefinitionId)
    return role !== undefined && permits(role.permission, action, kind)
  })
}
