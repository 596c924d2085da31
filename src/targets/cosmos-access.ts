import type { AzureResource } from '../clients/resources.ts'
import { allows } from '../engine/permissions.ts'
import { assignmentName } from './assignment-name.ts'
import type { AccessContext, AccessMethod, FoundAccess } from './target.ts'

const assignmentsPath = 'sqlRoleAssignments'
const actions = 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments'

interface Assignment {
  id: string
  name: string
  scope: string
  roleDefinitionId: string
  principalId: string
}

const toAssignment = ({ id, name, properties }: AzureResource): Assignment => ({
  id,
  name,
  scope: String(properties.scope ?? ''),
  roleDefinitionId: String(properties.roleDefinitionId ?? ''),
  principalId: String(properties.principalId ?? ''),
})

const isWithin = (scope: string, other: string) =>
  `${scope.toLowerCase()}/`.startsWith(`${other.toLowerCase()}/`)

const scopeOf = ({ grant, resource }: AccessContext) => grant.target.scope(resource.id, grant.entity)

/** The assignments have no description, so the name shows which ones are ours. */
const ownName = (ctx: AccessContext) => assignmentName(scopeOf(ctx), ctx.grant.role.id, ctx.principalId)

async function assignmentsOf({
  resources,
  grant,
  resource,
  principalId,
}: AccessContext): Promise<Assignment[]> {
  const all = await resources.within(`${resource.id}/${assignmentsPath}`, grant.target.apiVersion)
  return all.map(toAssignment).filter((each) => each.principalId.toLowerCase() === principalId.toLowerCase())
}

interface Definition {
  roleName?: string
  permissions?: { dataActions?: string[] }[]
}

const definitionOf = async (
  { resources, grant }: AccessContext,
  { roleDefinitionId }: Assignment,
): Promise<Definition> => (await resources.get(roleDefinitionId, grant.target.apiVersion))?.properties ?? {}

const allowsAction = ({ permissions = [] }: Definition, action: string) =>
  permissions.some(({ dataActions = [] }) =>
    allows([{ actions: [], notActions: [], dataActions, notDataActions: [] }], action, 'data'),
  )

/** Access by a role of the account's own: roles of Azure give no access to data. */
export const cosmosAccess: AccessMethod = {
  actions: [`${actions}/write`, `${actions}/delete`],
  async find(ctx): Promise<FoundAccess | undefined> {
    const scope = scopeOf(ctx)
    const above = (await assignmentsOf(ctx)).filter((each) => isWithin(scope, each.scope))
    const own = ownName(ctx)
    // Ours first: another one may be removed by its owner.
    for (const each of above.toSorted((a, b) => Number(b.name === own) - Number(a.name === own))) {
      const definition = await definitionOf(ctx, each)
      if (allowsAction(definition, ctx.grant.role.action))
        return {
          role: definition.roleName ?? ctx.grant.role.name,
          scope: each.scope,
          owned: each.name === own,
        }
    }
    return undefined
  },
  async others(ctx) {
    const all = await assignmentsOf(ctx)
    return Promise.all(
      all.map(async (each) => {
        const { roleName } = await definitionOf(ctx, each)
        return `${roleName ?? each.roleDefinitionId.split('/').at(-1)} on ${each.scope.split('/').at(-1)}`
      }),
    )
  },
  async grant(ctx) {
    const { resources, resource, grant, principalId } = ctx
    await resources.put(`${resource.id}/${assignmentsPath}/${ownName(ctx)}`, grant.target.apiVersion, {
      properties: {
        roleDefinitionId: `${resource.id}/sqlRoleDefinitions/${grant.role.id}`,
        scope: scopeOf(ctx),
        principalId,
      },
    })
  },
  revoke: (ctx) =>
    ctx.resources.remove(
      `${ctx.resource.id}/${assignmentsPath}/${ownName(ctx)}`,
      ctx.grant.target.apiVersion,
    ),
}
