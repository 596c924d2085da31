import type { RoleAssignment as Assignment, Permission as Found } from '@azure/arm-authorization'
import { undefinedIfNotFound } from '../errors.ts'
import { lazy } from '../lazy.ts'
import type { RoleAssignment, RolePermissions, Roles } from '../roles.ts'
import { type ArmContext, collect } from './arm-context.ts'
import { listAllPages } from './list-all-pages.ts'
import { parseResourceId } from './resource-id.ts'

const bare = (id: string) => id.replace(/^\/+/, '')

const read = (of: Assignment): RoleAssignment => ({
  id: of.id ?? '',
  scope: of.scope ?? '',
  role: of.roleDefinitionId?.split('/').at(-1)?.toLowerCase() ?? '',
  principalId: of.principalId ?? '',
  description: of.description ?? undefined,
})

const readPermission = (of: Found): RolePermissions => ({
  actions: of.actions ?? [],
  notActions: of.notActions ?? [],
  dataActions: of.dataActions ?? [],
  notDataActions: of.notDataActions ?? [],
})

export function makeRoles(arm: ArmContext): Roles {
  const client = lazy(async () => {
    const { AuthorizationManagementClient } = await import('@azure/arm-authorization')
    return new AuthorizationManagementClient(arm.credential, arm.subscription(), arm.options)
  })

  /** The SDK has no call for a whole subscription. */
  const atSubscription = async (subscription: string): Promise<RolePermissions[]> => {
    const path = `/subscriptions/${subscription}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01`
    return (await listAllPages<Found>(arm, await client(), 'permissions', path)).map(readPermission)
  }

  return {
    // `atScope()` can't go with `principalId eq`, and `assignedTo()` looks the principal up, which a new one fails:
    // so all of the principal's are asked for, and those below the scope left out.
    assignments: (scope, principalId) =>
      arm.guard(async () => {
        const filter = `principalId eq '${principalId}'`
        const pages = (await client()).roleAssignments.listForScope(bare(scope), { ...arm.call, filter })
        const below = `/${bare(scope)}/`.toLowerCase()
        return (await collect(pages, read)).filter((each) => !each.scope.toLowerCase().startsWith(below))
      }),

    assignmentsInSubscription: (principalId) =>
      arm.guard(async () => {
        const filter = `principalId eq '${principalId}'`
        return collect((await client()).roleAssignments.listForSubscription({ ...arm.call, filter }), read)
      }),

    assignmentsWithin: (scope) =>
      arm.guard(async () => {
        const found = await collect(
          (await client()).roleAssignments.listForScope(bare(scope), arm.call),
          read,
        )
        const here = `/${bare(scope)}`.toLowerCase()
        return found.filter((each) => `${each.scope.toLowerCase()}/`.startsWith(`${here}/`))
      }),

    assign: (scope, name, { role, ...of }) =>
      arm.guard(async () => {
        const subscription = parseResourceId(scope).subscription || arm.subscription()
        const roleDefinitionId = `/subscriptions/${subscription}/providers/Microsoft.Authorization/roleDefinitions/${role}`
        await (await client()).roleAssignments.create(
          bare(scope),
          name,
          { roleDefinitionId, ...of },
          arm.call,
        )
      }),

    unassign: async (id) => {
      await undefinedIfNotFound(
        arm.guard(async () => (await client()).roleAssignments.deleteById(bare(id), arm.call)),
      )
    },

    permissions: (resourceId) =>
      arm.guard(async () => {
        const { subscription, group, namespace, path } = parseResourceId(resourceId)
        const { permissions } = await client()
        if (!group) return atSubscription(subscription)
        const last = path.at(-1)
        if (!namespace || !last)
          return collect(permissions.listForResourceGroup(group, arm.call), readPermission)
        const parents = path.slice(0, -1).map(({ type, name }) => `${type}/${name}`)
        return collect(
          permissions.listForResource(group, namespace, parents.join('/'), last.type, last.name, arm.call),
          readPermission,
        )
      }),
  }
}
