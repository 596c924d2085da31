import { isGuid } from '../guid.ts'
import type { Simulator } from '../simulator.ts'
import { EntraError, invalidRequest } from './errors.ts'

const dnsName = /^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/i

/** True for the path segments that mean any tenant. */
export const isTenantAlias = (name: string) => ['common', 'organizations'].includes(name.toLowerCase())

/** Checks that a GUID or domain name identifies the sandbox's tenant. Throws AADSTS900023 or 90002. */
export function requireTenant(simulator: Simulator, name: string): void {
  const { id, domain } = simulator.state.tenant
  if ([id, domain].some((known) => known.toLowerCase() === name.toLowerCase())) return
  if (!isGuid(name) && !dnsName.test(name))
    throw invalidRequest(
      900023,
      `Specified tenant identifier '${name}' is neither a valid DNS name, nor a valid external domain.`,
    )
  throw new EntraError(
    90002,
    'invalid_tenant',
    400,
    `Tenant '${name}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.`,
  )
}
