import type { TokenCredential } from '@azure/core-auth'
import { claimsOf } from '../credential.ts'
import { guard } from '../errors.ts'
import { hasCode } from '../service-error.ts'
import type { GraphOptions } from './graph-client.ts'
import type { GraphRequests } from './graph-requests.ts'

/** Permissions of applications, and directory roles of users by their template IDs, that allow app registration. */
const sufficientRights = [
  'Application.ReadWrite.All',
  'Application.ReadWrite.OwnedBy',
  'Directory.ReadWrite.All',
  // Global Administrator, Application Administrator, Cloud Application Administrator, Application Developer.
  '62e90394-69f5-4237-9190-012177145e10',
  '9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3',
  '158c047a-c907-4556-b7ef-446551a6b5f7',
  'cf1c38e5-3621-4004-a7cb-879624dced7c',
]

/** Returns whether the caller can register applications; undefined if the tenant's policy is not readable. */
export async function readRegistrationRight(
  { cloud, credential, signal }: GraphOptions,
  { call }: GraphRequests,
): Promise<boolean | undefined> {
  const {
    idtyp,
    roles = [],
    wids = [],
  } = await guard('graph', signal)(() => tokenClaims(credential, cloud.graphScope))
  if ([...roles, ...wids].some((right) => sufficientRights.includes(right))) return true
  if (idtyp === 'app') return false
  try {
    const policy = await call<{ defaultUserRolePermissions?: { allowedToCreateApps?: boolean } }>(
      '/policies/authorizationPolicy',
      (request) => request.get(),
    )
    return policy.defaultUserRolePermissions?.allowedToCreateApps
  } catch (error) {
    if (hasCode(error, 'Authorization_RequestDenied')) return undefined
    throw error
  }
}

async function tokenClaims(credential: TokenCredential, scope: string) {
  const token = await credential.getToken(scope, { enableCae: true })
  return claimsOf(token?.token ?? '') as { idtyp?: string; roles?: string[]; wids?: string[] }
}
