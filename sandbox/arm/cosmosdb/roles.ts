import { groupsOf } from '../../graph/groups.ts'
import { isGuid } from '../../guid.ts'
import type { Simulator } from '../../simulator.ts'
import { findProxy, type ProxyType, proxiesOf } from '../accounts/proxy-resources.ts'
import { covers, matches } from '../authorization/permissions.ts'
import type { ArmRequest } from '../request.ts'
import type { Resource } from '../state.ts'
import { absent, badRequest } from './bad-request.ts'

const enqueued = { acceptedBody: () => ({ status: 'Enqueued' }), operations: 'operationsStatus' } as const
const data = 'Microsoft.DocumentDB/databaseAccounts'
const items = `${data}/sqlDatabases/containers`

/** The roles that every account has, by the last character of their GUID. */
const builtIn = [
  {
    digit: '1',
    name: 'Cosmos DB Built-in Data Reader',
    dataActions: [
      `${data}/readMetadata`,
      `${items}/executeQuery`,
      `${items}/readChangeFeed`,
      `${items}/items/read`,
    ],
  },
  {
    digit: '2',
    name: 'Cosmos DB Built-in Data Contributor',
    dataActions: [`${data}/readMetadata`, `${items}/*`, `${items}/items/*`],
  },
]

const accountOf = ({ id }: Pick<ArmRequest, 'id'>) => id.split('/').slice(0, 9).join('/')

interface RoleProperties {
  roleName?: string
  type?: number | string
  assignableScopes?: string[]
  permissions?: { dataActions?: string[] }[]
}

const requireGuid = (name: string) => {
  if (!isGuid(name)) throw badRequest(`The provided ID [${name}] is not a valid GUID.`)
}

/** Throws 400 unless the scope is the account, a database or a container in it, in the form of the data plane. */
function requireScope(request: ArmRequest, scope: unknown): string {
  const account = accountOf(request)
  const rest = typeof scope === 'string' && covers(account, scope) ? scope.slice(account.length) : undefined
  if (rest === undefined || !/^(\/dbs\/[^/]+(\/colls\/[^/]+)?)?$/.test(rest))
    throw badRequest(
      `The provided scope [${scope}] is not valid. It must be the account '${account}', or a database or container in it: /dbs/<database>/colls/<container>.`,
    )
  return scope as string
}

export const sqlRoleDefinition: ProxyType = {
  ...enqueued,
  type: `${data}/sqlRoleDefinitions`,
  shape: {
    properties: {
      roleName: 'string',
      assignableScopes: ['string'],
      permissions: [{ dataActions: ['string'] }],
    },
  },
  duration: 'partWrite',
  absent,
  builtIn: ({ body, createdAt }) =>
    builtIn.map(({ digit, name, dataActions }) => {
      const guid = `00000000-0000-0000-0000-00000000000${digit}`
      return {
        body: {
          id: `${body.id}/sqlRoleDefinitions/${guid}`,
          name: guid,
          type: `${data}/sqlRoleDefinitions`,
          properties: {
            roleName: name,
            type: 0,
            assignableScopes: [body.id],
            permissions: [{ dataActions, notDataActions: [] }],
          },
        },
        createdAt,
        changedAt: createdAt,
      }
    }),
  members(request, { properties }, current) {
    requireGuid(request.params.name1!)
    const { roleName, assignableScopes, permissions } = (properties ?? {}) as RoleProperties
    if ((current?.body.properties as RoleProperties | undefined)?.type === 0)
      throw badRequest('The built-in role definitions cannot be changed.')
    if (!roleName || !assignableScopes?.length || !permissions?.length)
      throw badRequest('A role definition must have a roleName, assignableScopes and permissions.')
    for (const scope of assignableScopes) requireScope(request, scope)
    const own = permissions.map(({ dataActions = [] }) => ({ dataActions, notDataActions: [] }))
    return { properties: { roleName, type: 1, assignableScopes, permissions: own } }
  },
}

interface AssignmentProperties {
  roleDefinitionId?: string
  scope?: string
  principalId?: string
}

function requirePrincipal({ simulator }: ArmRequest, id: string | undefined): string {
  const { servicePrincipals, groups = {} } = simulator.state.directory
  const isPrincipal = Object.values(servicePrincipals).some(
    (each) => each.id === id?.toLowerCase() && each.deletedAt === undefined,
  )
  const known = isPrincipal || Object.values(groups).some((each) => each.id === id?.toLowerCase())
  if (known) return id!
  throw badRequest(
    `The provided principal ID [${id ?? ''}] was not found in the AAD tenant(s) [${simulator.state.tenant.id}] which are associated with the customer's subscription.`,
  )
}

export const sqlRoleAssignment: ProxyType = {
  ...enqueued,
  type: `${data}/sqlRoleAssignments`,
  shape: { properties: { roleDefinitionId: 'string', scope: 'string', principalId: 'string' } },
  duration: 'partWrite',
  absent,
  members(request, { properties }, current) {
    requireGuid(request.params.name1!)
    const { roleDefinitionId = '', scope, principalId } = (properties ?? {}) as AssignmentProperties
    const definition = covers(accountOf(request), roleDefinitionId)
      ? findProxy(request.simulator, sqlRoleDefinition, roleDefinitionId)
      : undefined
    if (!definition)
      throw badRequest(`The Role Definition [${roleDefinitionId}] was not found in this database account.`)
    const old = current?.body.properties as AssignmentProperties | undefined
    if (old && (old.principalId !== principalId || old.scope !== scope))
      throw badRequest('The principal ID and the scope of a role assignment cannot be updated.')
    return {
      properties: {
        roleDefinitionId: definition.body.id,
        scope: requireScope(request, scope),
        principalId: requirePrincipal(request, principalId),
      },
    }
  },
}

/** True if an assignment of the account allows the principal the action on `/dbs/d/colls/c`, or anywhere for `*`. */
export function isCosmosAllowed(
  simulator: Simulator,
  account: Resource,
  principalId: string,
  action: string,
  path: string,
): boolean {
  const principals = [principalId, ...groupsOf(simulator, principalId)].map((id) => id.toLowerCase())
  return proxiesOf(simulator, sqlRoleAssignment, account.body.id).some(({ body }) => {
    const {
      roleDefinitionId = '',
      scope = '',
      principalId: holder = '',
    } = body.properties as AssignmentProperties
    const role = findProxy(simulator, sqlRoleDefinition, roleDefinitionId)?.body.properties as
      | RoleProperties
      | undefined
    return (
      principals.includes(holder.toLowerCase()) &&
      (path === '*' || `${account.body.id}${path}/`.toLowerCase().startsWith(`${scope.toLowerCase()}/`)) &&
      role?.permissions?.some(({ dataActions = [] }) =>
        dataActions.some((pattern) => matches(pattern, action)),
      )
    )
  })
}
