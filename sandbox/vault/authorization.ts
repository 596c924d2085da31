import { findDenial, isAllowed } from '../arm/authorization/permissions.ts'
import { type CallerClaims, tokenIssuerOf } from '../entra/access-tokens.ts'
import { groupsOf } from '../graph/groups.ts'
import { isListed } from '../ip-rules.ts'
import type { Simulator } from '../simulator.ts'
import { forbidden } from './errors.ts'
import type { VaultRoute } from './request.ts'
import type { Vault } from './vaults.ts'

type Permission = Pick<VaultRoute, 'permission' | 'action' | 'collection'>

const describeCaller = (caller: CallerClaims) =>
  `appid=${caller.appid};oid=${caller.oid};iss=${tokenIssuerOf(caller.tid)}`
const describeVault = (vault: Vault) => `${vault.name};location=${vault.location}`

/** Checks the vault's firewall. Throws 403 `ForbiddenByConnection` or `ForbiddenByFirewall`. */
export function requireNetwork(vault: Vault, caller: CallerClaims, address: string): void {
  if (!vault.publicAccess)
    throw forbidden(
      'ForbiddenByConnection',
      `Public network access is disabled and request is not from a trusted service nor via an approved private link.\r\nCaller: ${describeCaller(caller)}\r\nVault: ${describeVault(vault)}`,
    )
  if (vault.allowedAddresses && !isListed(vault.allowedAddresses, address))
    throw forbidden(
      'ForbiddenByFirewall',
      `Client address is not authorized and caller is not a trusted service.\r\nClient address: ${address}\r\nCaller: ${describeCaller(caller)}\r\nVault: ${describeVault(vault)}`,
    )
}

/** Checks the caller's role or access policy, whichever the vault uses. Throws 403 `ForbiddenByRbac` or `AccessDenied`. */
export function requirePermission(
  simulator: Simulator,
  vault: Vault,
  caller: CallerClaims,
  required: Permission,
  name?: string,
): void {
  if (vault.rbac) {
    const action = `Microsoft.KeyVault/vaults/${required.action}`
    const item = name === undefined ? '' : `/${required.collection}/${name}`
    const scope = `${vault.id}${item}`
    if (isAllowed(simulator, caller.oid, action, scope, 'data')) return
    // Recorded are only requests without a role; what Key Vault adds for a deny assignment is derived from those.
    const denial = findDenial(simulator, caller.oid, action, scope, 'data')
    const decision = denial
      ? `DenyAssignmentId: '${denial.name.replaceAll('-', '')}'\r\nDecisionReason: 'DeniedByDenyAssignment' `
      : `DenyAssignmentId: null\r\nDecisionReason: 'DeniedWithNoValidRBAC' `
    const [, subscription = '', rest = ''] = /^(\/subscriptions\/[^/]+)(.*)$/i.exec(vault.id) ?? []
    const resource = `${subscription}${rest.toLowerCase()}${item}`
    throw forbidden(
      'ForbiddenByRbac',
      `Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role definitions were changed recently, please observe propagation time.\r\nCaller: ${describeCaller(caller)}\r\nAction: '${action}'\r\nResource: '${resource}'\r\nAssignment: (not found)\r\n${decision}\r\nVault: ${describeVault(vault)}\r\n`,
    )
  }
  if (hasPolicy(simulator, vault, caller, required)) return
  throw forbidden(
    'AccessDenied',
    `The user, group or application '${describeCaller(caller)}' does not have ${required.collection} ${required.permission} permission on key vault '${describeVault(vault)}'. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287`,
  )
}

function hasPolicy(
  simulator: Simulator,
  vault: Vault,
  caller: CallerClaims,
  { permission, collection }: Permission,
): boolean {
  const principals = [caller.oid, ...groupsOf(simulator, caller.oid)]
  const same = (a: string | undefined, b: string) => a?.toLowerCase() === b.toLowerCase()
  return vault.policies
    .filter(
      ({ tenantId, objectId }) => same(tenantId, caller.tid) && principals.some((id) => same(objectId, id)),
    )
    .filter(({ applicationId }) => !applicationId || same(applicationId, caller.appid))
    .flatMap(({ permissions }) => permissions?.[collection] ?? [])
    .some((granted) => same(granted, permission) || (same(granted, 'all') && permission !== 'purge'))
}
