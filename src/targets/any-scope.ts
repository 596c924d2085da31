import { ActionRequiredError } from '../base/action-required.ts'
import { closestMatches } from '../base/closest-matches.ts'
import { equalsIgnoreCase, parseResourceId } from '../clients/azure/resource-id.ts'
import type { AzureResource } from '../clients/resources.ts'
import type { RoleAssignment, RoleDefinition } from '../clients/roles.ts'
import { allows } from '../engine/permissions.ts'
import { assignmentName } from './assignment-name.ts'
import {
  type AccessContext,
  type AccessMethod,
  type FindContext,
  type Grant,
  isOwnAssignment,
  type Target,
} from './target.ts'

/** Reading one's own permissions: harmless, and part of every role that can read its scope. */
const readPermissions = 'Microsoft.Authorization/permissions/read'

const definitionOf = ({ properties }: AzureResource) => properties.role as RoleDefinition

/** Returns whether the scope exists, as far as its subscription and its resource group tell. */
async function scopeExists(ctx: FindContext, scope: string): Promise<boolean> {
  const { subscription, group, path } = parseResourceId(scope)
  // A management group: Resource Manager answers when the role is assigned.
  if (subscription === '') return true
  const visible = await ctx.azureAccount.subscriptions()
  if (!visible.some(({ id }) => equalsIgnoreCase(id, subscription))) return false
  if (group === undefined) return true
  const { groups } = ctx.inSubscription(subscription)
  if (!(await groups.get(group))) return false
  if (path.length === 0) return true
  const inGroup = await groups.resources(group)
  return inGroup.some(({ id }) => `${scope}/`.toLowerCase().startsWith(`${id}/`.toLowerCase()))
}

async function findScope(
  ctx: FindContext,
  { resource: scope, role }: Grant,
): Promise<AzureResource | undefined> {
  if (!(await scopeExists(ctx, scope))) return undefined
  const { found, names } = await ctx.roles.definition(scope, role.name)
  if (!found) {
    const similar = closestMatches(role.name, names)
    throw new ActionRequiredError(
      `There is no role ${role.name} that can be assigned at ${scope}`,
      similar.length
        ? `Name an existing role in --grant; similar: ${similar.join(', ')}`
        : 'Name an existing role in --grant, by its name or its ID',
    )
  }
  const name = scope.split('/').at(-1)!
  return {
    id: scope,
    name,
    location: '',
    tags: {},
    kind: undefined,
    sku: undefined,
    properties: { role: found },
  }
}

const isRole = ({ resource }: AccessContext, { role }: RoleAssignment) => role === definitionOf(resource).id

const access: AccessMethod = {
  actions: [
    'Microsoft.Authorization/roleAssignments/write',
    'Microsoft.Authorization/roleAssignments/delete',
  ],
  async find(ctx) {
    const { roles, resource, principalId } = ctx
    const found = (await roles.grants(resource.id, principalId)).find((each) => isRole(ctx, each))
    return (
      found && {
        role: found.roleName,
        scope: found.scope,
        owned: isOwnAssignment(found) && equalsIgnoreCase(found.scope, resource.id),
        // The user chose the role, so what its condition excludes is not known.
        ...(found.condition ? { condition: found.condition } : {}),
      }
    )
  },
  async others({ roles, resource, principalId }) {
    const all = await roles.grants(resource.id, principalId)
    return all.map(({ roleName, scope }) => `${roleName} on ${scope.split('/').at(-1)}`)
  },
  async grant({ roles, resource, principalId }) {
    const { id } = definitionOf(resource)
    await roles.assign(resource.id, assignmentName(resource.id, id, principalId), {
      role: id,
      principalId,
      principalType: 'ServicePrincipal',
      description: 'Workload access, created by wi-setup',
    })
  },
  async revoke(ctx) {
    const { roles, resource, principalId } = ctx
    for (const each of await roles.assignments(resource.id, principalId))
      if (isRole(ctx, each) && isOwnAssignment(each) && equalsIgnoreCase(each.scope, resource.id))
        await roles.unassign(each.id)
  },
}

/** Any role at any scope: `--grant ROLE@SCOPE`. */
export const anyScope: Target = {
  name: 'role',
  form: 'ROLE@SCOPE',
  example: 'Reader@/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-shop',
  type: '',
  apiVersion: '2022-04-01',
  resourceTitle: 'scope',
  // The role is the one in the text.
  roles: [{ word: '', id: '', name: '', action: readPermissions, plane: 'control' }],
  names: {
    allowed: 'a scope that begins with a slash',
    resource: /^\//,
  },
  label: (scope) => scope,
  scope: (id) => id,
  isPublic: () => true,
  find: findScope,
  access,
  proof: (resource) =>
    allows(definitionOf(resource).permissions, readPermissions)
      ? {
          by: 'request',
          request: {
            service: 'arm',
            url: `${resource.id}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01`,
          },
          shows: () => 'reads its permissions there',
        }
      : { by: 'none', reason: `the role ${definitionOf(resource).name} includes no harmless read` },
}
