/** What a role allows. `*` matches any text; case is ignored. */
export interface Permission {
  actions: string[]
  notActions: string[]
  dataActions: string[]
  notDataActions: string[]
}

export interface Role {
  guid: string
  name: string
  description: string
  permission: Permission
  /** Of a custom role. */
  assignableScopes?: string[]
}

/** Returns a built-in role. */
export const role = (
  guid: string,
  name: string,
  description: string,
  permission: Partial<Permission>,
): Role => ({
  guid,
  name,
  description,
  permission: { actions: [], notActions: [], dataActions: [], notDataActions: [], ...permission },
})

/** Actions that most roles allow, such as reading groups and deployments. */
export const upkeep = [
  'Microsoft.Authorization/*/read',
  'Microsoft.Insights/alertRules/*',
  'Microsoft.Resources/deployments/*',
  'Microsoft.Resources/subscriptions/resourceGroups/read',
  'Microsoft.Support/*',
]
/** Returns names below a prefix. */
export const of = (prefix: string, ...names: string[]) => names.map((name) => `${prefix}/${name}`)
