import { BlockList, isIPv6 } from 'node:net'
import { isAllowed } from '../arm/authorization/permissions.ts'
import { type CallerClaims, tokenIssuerOf } from '../entra/access-tokens.ts'
import type { Simulator } from '../simulator.ts'
import { forbidden } from './errors.ts'
import type { Vault } from './vaults.ts'

const named = (caller: CallerClaims) =>
  `appid=${caller.appid};oid=${caller.oid};iss=${tokenIssuerOf(caller.tid)}`
const placed = (vault: Vault) => `${vault.name};location=${vault.location}`

function listed(rules: string[], address: string): boolean {
  const list = new BlockList()
  for (const rule of rules) {
    const [network = '', prefix] = rule.split('/')
    const family = isIPv6(network) ? 'ipv6' : 'ipv4'
    try {
      list.addSubnet(network, prefix === undefined ? (family === 'ipv6' ? 128 : 32) : Number(prefix), family)
    } catch {}
  }
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}

/** Checks where the request comes from. Throws 403 `ForbiddenByConnection` or `ForbiddenByFirewall`. */
export function admitNetwork(vault: Vault, caller: CallerClaims, address: string): void {
  if (!vault.publicAccess)
    throw forbidden(
      'ForbiddenByConnection',
      `Public network access is disabled and request is not from a trusted service nor via an approved private link.\r\nCaller: ${named(caller)}\r\nVault: ${placed(vault)}`,
    )
  if (vault.allowedAddresses && !listed(vault.allowedAddresses, address))
    throw forbidden(
      'ForbiddenByFirewall',
      `Client address is not authorized and caller is not a trusted service.\r\nClient address: ${address}\r\nCaller: ${named(caller)}\r\nVault: ${placed(vault)}`,
    )
}

/** What an operation asks for: the permission of an access policy, and the data action of a role. */
export interface Need {
  permission: 'get' | 'list' | 'set' | 'delete' | 'recover' | 'purge' | 'backup' | 'restore'
  action: string
}

/** Checks that the vault's own mode lets the caller do this. Throws 403 `ForbiddenByRbac` or `AccessDenied`. */
export function admitCaller(
  simulator: Simulator,
  vault: Vault,
  caller: CallerClaims,
  need: Need,
  secret?: string,
): void {
  if (vault.rbac) {
    const action = `Microsoft.KeyVault/vaults/secrets/${need.action}`
    const scope = secret === undefined ? vault.id : `${vault.id}/secrets/${secret}`
    if (isAllowed(simulator, caller.oid, action, scope, 'data')) return
    const [, subscription = '', rest = ''] = /^(\/subscriptions\/[^/]+)(.*)$/i.exec(vault.id) ?? []
    const resource = `${subscription}${rest.toLowerCase()}${secret === undefined ? '' : `/secrets/${secret}`}`
    throw forbidden(
      'ForbiddenByRbac',
      `Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role definitions were changed recently, please observe propagation time.\r\nCaller: ${named(caller)}\r\nAction: '${action}'\r\nResource: '${resource}'\r\nAssignment: (not found)\r\nDenyAssignmentId: null\r\nDecisionReason: 'DeniedWithNoValidRBAC' \r\nVault: ${placed(vault)}\r\n`,
    )
  }
  if (hasPolicy(vault, caller, need.permission)) return
  throw forbidden(
    'AccessDenied',
    `The user, group or application '${named(caller)}' does not have secrets ${need.permission} permission on key vault '${placed(vault)}'. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287`,
  )
}

function hasPolicy(vault: Vault, caller: CallerClaims, permission: Need['permission']): boolean {
  const same = (a: string | undefined, b: string) => a?.toLowerCase() === b.toLowerCase()
  return vault.policies
    .filter(({ tenantId, objectId }) => same(tenantId, caller.tid) && same(objectId, caller.oid))
    .filter(({ applicationId }) => !applicationId || same(applicationId, caller.appid))
    .flatMap(({ permissions }) => permissions?.secrets ?? [])
    .some((given) => same(given, permission) || (same(given, 'all') && permission !== 'purge'))
}
