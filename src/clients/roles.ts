export interface RoleAssignment {
  id: string
  scope: string
  /** GUID of the role definition, lower case. */
  role: string
  principalId: string
  description: string | undefined
}

/** What one role allows the caller. */
export interface RolePermissions {
  actions: string[]
  notActions: string[]
  dataActions: string[]
  notDataActions: string[]
}

export interface Roles {
  /** Assignments of the principal at the scope and above it, not below. */
  assignments(scope: string, principalId: string): Promise<RoleAssignment[]>
  /** All assignments of the principal in the subscription. */
  assignmentsInSubscription(principalId: string): Promise<RoleAssignment[]>
  /** All assignments on this very resource, and on what is in it. */
  assignmentsWithin(scope: string): Promise<RoleAssignment[]>
  assign(
    scope: string,
    name: string,
    of: {
      role: string
      principalId: string
      principalType: 'ServicePrincipal' | 'User'
      description: string
    },
  ): Promise<void>
  unassign(id: string): Promise<void>
  /** The caller's own permissions at a resource. */
  permissions(resourceId: string): Promise<RolePermissions[]>
}
