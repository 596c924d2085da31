import { isAllowed } from '../arm/authorization/permissions.ts'
import type { CallerClaims } from '../entra/access-tokens.ts'
import { isListed } from '../ip-rules.ts'
import type { Simulator } from '../simulator.ts'
import type { StorageAccount } from './accounts.ts'
import { authorizationFailure, permissionMismatch } from './errors.ts'
import type { Permission } from './request.ts'

/** Checks the account's firewall. Throws 403 `AuthorizationFailure`. */
export function requireNetwork(account: StorageAccount, address: string): void {
  if (!account.publicAccess || (account.allowedAddresses && !isListed(account.allowedAddresses, address)))
    throw authorizationFailure()
}

/** Checks the caller's roles at the account or at a part of it. Throws 403 `AuthorizationPermissionMismatch`. */
export function requirePermission(
  simulator: Simulator,
  account: StorageAccount,
  caller: CallerClaims,
  { kind, anyOf }: Permission,
  part: string,
): void {
  const scope = `${account.id}${part}`
  const isEnough = (actions: readonly string[]) =>
    actions.every((action) =>
      isAllowed(simulator, caller.oid, `Microsoft.Storage/storageAccounts/${action}`, scope, kind),
    )
  if (!anyOf.some(isEnough)) throw permissionMismatch()
}
