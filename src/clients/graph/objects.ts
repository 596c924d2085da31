import type { Application, AppPermission, FederatedCredential, ServicePrincipal } from '../directory.ts'

export interface GraphApplication {
  id: string
  appId: string
  displayName: string
  uniqueName?: string | null
  tags?: string[]
  passwordCredentials?: unknown[]
  keyCredentials?: unknown[]
}

export interface GraphServicePrincipal {
  id: string
  appId: string
  displayName: string
  accountEnabled?: boolean
  tags?: string[]
}

export interface GraphCredential {
  id: string
  name: string
  issuer: string
  subject: string | null
  /** Beta only. */
  claimsMatchingExpression?: { value: string } | null
  audiences: string[]
}

export interface GraphAppRoleAssignment {
  id: string
  resourceDisplayName?: string
  appRoleId: string
}

export const applicationFields = 'id,appId,displayName,uniqueName,tags,passwordCredentials,keyCredentials'

export const toApplication = (application: GraphApplication): Application => ({
  objectId: application.id,
  clientId: application.appId,
  displayName: application.displayName,
  uniqueName: application.uniqueName ?? undefined,
  tags: application.tags ?? [],
  keys: (application.passwordCredentials ?? []).length + (application.keyCredentials ?? []).length,
})

export const toServicePrincipal = (principal: GraphServicePrincipal): ServicePrincipal => ({
  objectId: principal.id,
  clientId: principal.appId,
  displayName: principal.displayName,
  enabled: principal.accountEnabled ?? true,
  tags: principal.tags ?? [],
})

export const toCredential = ({
  name,
  issuer,
  subject,
  claimsMatchingExpression,
  audiences,
}: GraphCredential): FederatedCredential => ({
  name,
  issuer,
  subject: subject ?? '',
  ...(claimsMatchingExpression ? { expression: claimsMatchingExpression.value } : {}),
  audience: audiences[0] ?? '',
})

export const toPermission = (assignment: GraphAppRoleAssignment): AppPermission => ({
  id: assignment.id,
  resource: assignment.resourceDisplayName ?? 'an API',
  role: assignment.appRoleId,
})
