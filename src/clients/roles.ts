export interface RoleAssignment {
  id: string
  scope: string
  /** GUID of the role definition in lower case. */
  role: string
  principalId: string
  description: string | undefined
  /** An expression that restricts what the role allows. */
  condition: string | undefined
}

/** What one role allows. */
export interface RolePermissions {
  actions: string[]
  notActions: string[]
  dataActions: string[]
  notDataActions: string[]
}

/** A role that a principal has, itself or as a member of a group. */
export interface RoleGrant extends RoleAssignment {
  /** Name of the role, such as `Key Vault Reader`. */
  roleName: string
  permissions: RolePermissions[]
}

export interface RoleDefinition {
  /** Its GUID in lower case. */
  id: string
  name: string
  permissions: RolePermissions[]
}

/** Denies actions to principals whatever their roles. A service owns it, such as a deployment stack. */
export interface DenyAssignment {
  id: string
  name: string
  scope: string
  principals: string[]
  excludedPrincipals: string[]
  permissions: RolePermissions[]
}

/** Roles in any subscription: the scope names it. */
export interface Roles {
  /** Returns the principal's assignments at the scope and above it, but not below. */
  assignments(scope: string, principalId: string): Promise<RoleAssignment[]>
  /**
   * Returns the roles that the principal and its groups have at the scope and above it, with what they allow. Empty for
   * a principal that ARM doesn't know yet.
   */
  grants(scope: string, principalId: string): Promise<RoleGrant[]>
  /** Returns the deny assignments at the scope and above it. */
  denials(scope: string): Promise<DenyAssignment[]>
  /** Returns all assignments of the principal in the subscription with this ID. */
  assignmentsInSubscription(subscription: string, principalId: string): Promise<RoleAssignment[]>
  /** Returns all assignments on the resource and on resources within it. */
  assignmentsWithin(scope: string): Promise<RoleAssignment[]>
  /** Returns the role of this name or GUID that can be assigned at the scope; if there is none, the names of all. */
  definition(scope: string, nameOrId: string): Promise<{ found: RoleDefinition | undefined; names: string[] }>
  assign(
    scope: string,
    name: string,
    assignment: {
      role: string
      principalId: string
      principalType: 'ServicePrincipal' | 'User'
      description: string
    },
  ): Promise<void>
  unassign(id: string): Promise<void>
  /** Returns the caller's own permissions on a resource. */
  permissions(resourceId: string): Promise<RolePermissions[]>
}
