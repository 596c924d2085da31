export interface RoleAssignment {
  id: string
  scope: string
  /** GUID of the role definition in lower case. */
  role: string
  principalId: string
  description: string | undefined
}

/** The permissions that one role grants the caller. */
export interface RolePermissions {
  actions: string[]
  notActions: string[]
  dataActions: string[]
  notDataActions: string[]
}

export interface Roles {
  /** Returns the principal's assignments at the scope and above it, but not below. */
  assignments(scope: string, principalId: string): Promise<RoleAssignment[]>
  /** Returns all assignments of the principal in the subscription. */
  assignmentsInSubscription(principalId: string): Promise<RoleAssignment[]>
  /** Returns all assignments on the resource and on resources within it. */
  assignmentsWithin(scope: string): Promise<RoleAssignment[]>
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
