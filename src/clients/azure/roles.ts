import type {
  AuthorizationManagementClient,
  Permission,
  RoleAssignment as SdkAssignment,
  RoleDefinition as SdkDefinition,
  DenyAssignment as SdkDenial,
} from '@azure/arm-authorization'
import { undefinedIfNotFound } from '../errors.ts'
import { lazy } from '../lazy.ts'
import { perSubscription } from '../per-subscription.ts'
import type {
  DenyAssignment,
  RoleAssignment,
  RoleDefinition,
  RoleGrant,
  RolePermissions,
  Roles,
} from '../roles.ts'
import { type ArmContext, collect } from './arm-context.ts'
import { listAllPages } from './list-all-pages.ts'
import { parseResourceId } from './resource-id.ts'

/** The SDK expects scopes without a leading slash. */
const sdkScope = (id: string) => id.replace(/^\/+/, '')

const toAssignment = (assignment: SdkAssignment): RoleAssignment => ({
  id: assignment.id ?? '',
  scope: assignment.scope ?? '',
  role: assignment.roleDefinitionId?.split('/').at(-1)?.toLowerCase() ?? '',
  principalId: assignment.principalId ?? '',
  description: assignment.description ?? undefined,
  condition: assignment.condition ?? undefined,
})

const toPermissions = (permission: Permission): RolePermissions => ({
  actions: permission.actions ?? [],
  notActions: permission.notActions ?? [],
  dataActions: permission.dataActions ?? [],
  notDataActions: permission.notDataActions ?? [],
})

const idsOf = (principals: { id?: string }[] = []) => principals.map(({ id = '' }) => id)

const toDenial = (denial: SdkDenial): DenyAssignment => ({
  id: denial.id ?? '',
  name: denial.denyAssignmentName ?? denial.name ?? '',
  scope: denial.scope ?? '',
  principals: idsOf(denial.principals),
  excludedPrincipals: idsOf(denial.excludePrincipals),
  permissions: (denial.permissions ?? []).map(toPermissions),
})

async function permissionsOn(
  resourceId: string,
  client: AuthorizationManagementClient,
  arm: ArmContext,
): Promise<RolePermissions[]> {
  const { subscription, group, namespace, path } = parseResourceId(resourceId)
  const { permissions } = client
  if (!group) {
    // The SDK has no method for a subscription.
    const url = `/subscriptions/${subscription}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01`
    return (await listAllPages<Permission>(arm, client, url)).map(toPermissions)
  }
  const last = path.at(-1)
  if (!namespace || !last) return collect(permissions.listForResourceGroup(group, arm.call), toPermissions)
  const parents = path.slice(0, -1).map(({ type, name }) => `${type}/${name}`)
  return collect(
    permissions.listForResource(group, namespace, parents.join('/'), last.type, last.name, arm.call),
    toPermissions,
  )
}

type Definition = Pick<RoleGrant, 'roleName' | 'permissions'>

/** Returns the definitions of these roles, by their GUIDs, in at most one request unless one is deleted. */
async function definitionsOf(
  roles: ReadonlySet<string>,
  scope: string,
  { roleDefinitions }: AuthorizationManagementClient,
  arm: ArmContext,
): Promise<Map<string, Definition>> {
  const toEntry = ({ name = '', roleName, permissions }: SdkDefinition): [string, Definition] => [
    name.toLowerCase(),
    { roleName: roleName ?? name, permissions: (permissions ?? []).map(toPermissions) },
  ]
  // The list has all of the several hundred roles, so a single role is read by itself.
  const listed = roles.size > 1 ? await collect(roleDefinitions.list(scope, arm.call), toEntry) : []
  const definitions = new Map(listed)
  const others = [...roles].filter((role) => !definitions.has(role))
  const read = await Promise.all(
    others.map(async (role) => [role, toEntry(await roleDefinitions.get(scope, role, arm.call))[1]] as const),
  )
  return new Map([...definitions, ...read])
}

const toDefinition = ({ name = '', roleName, permissions }: SdkDefinition): RoleDefinition => ({
  id: name.toLowerCase(),
  name: roleName ?? name,
  permissions: (permissions ?? []).map(toPermissions),
})

async function makeClient(arm: ArmContext, subscription: string): Promise<AuthorizationManagementClient> {
  const { AuthorizationManagementClient } = await import('@azure/arm-authorization')
  return new AuthorizationManagementClient(arm.credential, subscription, arm.options)
}

export function makeRoles(arm: ArmContext): Roles {
  // Some methods take the subscription from the client, not from the scope.
  const clients = perSubscription((subscription) => lazy(() => makeClient(arm, subscription)))
  const clientOf = (subscription: string) => clients(subscription)()
  const client = () => clientOf(arm.subscription())
  const assignments = async () => (await client()).roleAssignments
  return {
    // `atScope()` can't be combined with `principalId eq`, and `assignedTo()` fails for a new principal, so this
    // filters the assignments below the scope here.
    assignments: (scope, principalId) =>
      arm.guard(async () => {
        const options = { ...arm.call, filter: `principalId eq '${principalId}'` }
        const all = await collect((await assignments()).listForScope(sdkScope(scope), options), toAssignment)
        const below = `/${sdkScope(scope)}/`.toLowerCase()
        return all.filter((each) => !each.scope.toLowerCase().startsWith(below))
      }),

    grants: (scope, principalId) =>
      arm.guard(async () => {
        const options = { ...arm.call, filter: `atScope() and assignedTo('${principalId}')` }
        const all = await collect((await assignments()).listForScope(sdkScope(scope), options), toAssignment)
        const roles = new Set(all.map(({ role }) => role))
        const definitions = await definitionsOf(roles, sdkScope(scope), await client(), arm)
        return all.map((each) => ({ ...each, ...definitions.get(each.role)! }))
      }),

    denials: (scope) =>
      arm.guard(async () => {
        const options = { ...arm.call, filter: 'atScope()' }
        const { denyAssignments } = await client()
        return collect(denyAssignments.listForScope(sdkScope(scope), options), toDenial)
      }),

    assignmentsInSubscription: (subscription, principalId) =>
      arm.guard(async () => {
        const options = { ...arm.call, filter: `principalId eq '${principalId}'` }
        const { roleAssignments } = await clientOf(subscription)
        return collect(roleAssignments.listForSubscription(options), toAssignment)
      }),

    assignmentsWithin: (scope) =>
      arm.guard(async () => {
        const all = await collect((await assignments()).listForScope(sdkScope(scope), arm.call), toAssignment)
        const prefix = `/${sdkScope(scope)}/`.toLowerCase()
        return all.filter((each) => `${each.scope.toLowerCase()}/`.startsWith(prefix))
      }),

    definition: (scope, nameOrId) =>
      arm.guard(async () => {
        const { roleDefinitions } = await client()
        const all = await collect(roleDefinitions.list(sdkScope(scope), arm.call), toDefinition)
        const wanted = nameOrId.toLowerCase()
        const found = all.find(({ id, name }) => id === wanted || name.toLowerCase() === wanted)
        return { found, names: all.map(({ name }) => name) }
      }),

    assign: (scope, name, { role, ...assignment }) =>
      arm.guard(async () => {
        const subscription = parseResourceId(scope).subscription || arm.subscription()
        const roleDefinitionId = `/subscriptions/${subscription}/providers/Microsoft.Authorization/roleDefinitions/${role}`
        const body = { roleDefinitionId, ...assignment }
        await (await assignments()).create(sdkScope(scope), name, body, arm.call)
      }),

    unassign: async (id) => {
      await undefinedIfNotFound(
        arm.guard(async () => (await assignments()).deleteById(sdkScope(id), arm.call)),
      )
    },

    permissions: (resourceId) =>
      arm.guard(async () =>
        permissionsOn(resourceId, await clientOf(parseResourceId(resourceId).subscription), arm),
      ),
  }
}
