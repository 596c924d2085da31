import type { RoleAssignment } from '../clients/roles.ts'
import { allows, mayRestrict } from '../engine/permissions.ts'
import { assignmentName } from './assignment-name.ts'
import {
  type AccessContext,
  type AccessMethod,
  type FoundAccess,
  type Grant,
  isOwnAssignment,
} from './target.ts'

const scopeOf = ({ grant, resource }: AccessContext) => grant.target.scope(resource.id, grant.entity)

const isSameScope = (one: string, other: string) => one.toLowerCase() === other.toLowerCase()

/** `stshop`, or `the subscription`. */
const shownScope = (scope: string) => scope.split('/').at(-1) || 'everything'

/** Access by an Azure role at the resource or at what is in it. */
export const roleAccess: AccessMethod = {
  actions: [
    'Microsoft.Authorization/roleAssignments/write',
    'Microsoft.Authorization/roleAssignments/delete',
  ],
  async find(ctx) {
    const { roles, grant, principalId } = ctx
    const { role } = grant
    const scope = scopeOf(ctx)
    const isOpen = ({ condition }: RoleAssignment) => !mayRestrict(condition, role.action)
    const toAccess = (each: RoleAssignment, name: string): FoundAccess => ({
      role: name,
      scope: each.scope,
      owned: isOwnAssignment(each) && isSameScope(each.scope, scope),
      ...(isOpen(each) ? {} : { condition: each.condition }),
    })
    const same = (await roles.assignments(scope, principalId)).filter((each) => each.role === role.id)
    const exact = same.find((each) => isOpen(each) && isSameScope(each.scope, scope)) ?? same.find(isOpen)
    if (exact) return toAccess(exact, role.name)
    const others = (await roles.grants(scope, principalId)).filter(({ permissions }) =>
      allows(permissions, role.action, role.plane),
    )
    const found = others.find(isOpen) ?? others[0]
    return found && toAccess(found, found.roleName)
  },
  async others(ctx) {
    const { roles, resource, principalId } = ctx
    // Also what it has in another container of the account.
    const [above, within] = await Promise.all([
      roles.grants(scopeOf(ctx), principalId),
      roles.assignmentsWithin(resource.id),
    ])
    const names = new Map(above.map(({ role, roleName }) => [role, roleName]))
    const own = within.filter((each) => each.principalId === principalId)
    const all = new Map([...above, ...own].map((each) => [each.id, each]))
    const { target } = ctx.grant
    return [...all.values()].map(
      ({ role, scope }) =>
        `${names.get(role) ?? target.roles.find(({ id }) => id === role)?.name ?? role} on ${shownScope(scope)}`,
    )
  },
  async grant(ctx) {
    const { roles, grant, principalId } = ctx
    const scope = scopeOf(ctx)
    await roles.assign(scope, assignmentName(scope, grant.role.id, principalId), {
      role: grant.role.id,
      principalId,
      principalType: 'ServicePrincipal',
      description: `Workload access, created by wi-setup`,
    })
  },
  async revoke(ctx) {
    const { roles, grant, principalId } = ctx
    const scope = scopeOf(ctx)
    for (const each of await roles.assignments(scope, principalId))
      if (each.role === grant.role.id && isOwnAssignment(each) && isSameScope(each.scope, scope))
        await roles.unassign(each.id)
  },
}

export const accessOf = ({ target }: AccessContext['grant']): AccessMethod => target.access ?? roleAccess

/** Returns whether the scope of a role assignment is this grant's. */
export const isScopeOf = (grant: Grant, scope: string): boolean => {
  const { resource, entity, target } = grant
  const id = resource.startsWith('/') ? resource : `/providers/${target.type}/${resource}`
  return scope.toLowerCase().endsWith(target.scope(id, entity).toLowerCase())
}
