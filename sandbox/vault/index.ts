import { isIPv6 } from 'node:net'
import type { Call, Reply } from '../http.ts'
import type { Service } from '../service.ts'
import type { Simulator } from '../simulator.ts'
import { authenticate, challenge } from './authentication.ts'
import { requireNetwork, requirePermission } from './authorization.ts'
import { dropExpiredSecrets } from './deleted-secrets.ts'
import { badParameter, VaultError, vaultNotFound } from './errors.ts'
import { vaultFailure } from './failures.ts'
import { requireRoute } from './routes.ts'
import { findVault, type Vault } from './vaults.ts'

const vaultAppId = 'cfa8b339-82a2-471a-a3c9-0fc0be7a4093'

/** Checks a request as Key Vault does, in its order, and lets its route handle it. Throws `VaultError`. */
async function answer(call: Call, simulator: Simulator, vault: Vault): Promise<Reply> {
  const caller = await authenticate(call, simulator, vault)
  requireNetwork(vault, caller, call.clientAddress)
  if (!call.query('api-version')) throw badParameter('api-version must be specified')
  const { route, params } = requireRoute(call)
  requirePermission(simulator, vault, caller, route, params.name)
  return route.handler({ call, simulator, vault, params })
}

const handle: Service['handle'] = async (call, simulator) => {
  const name = call.resource ?? ''
  const vault = findVault(simulator, name)
  if (vault === 'unknown') return { status: 0 }
  if (vault === 'deleted') return vaultNotFound(name).reply
  const reply = await answer(call, simulator, vault).catch((error: unknown) => {
    if (error instanceof VaultError) return error.reply
    throw error
  })
  return { ...reply, headers: { ...responseHeaders(call, simulator, vault, reply), ...reply.headers } }
}

function responseHeaders(
  { clientAddress, headers }: Call,
  simulator: Simulator,
  vault: Vault,
  { status }: Reply,
): NonNullable<Reply['headers']> {
  const [connection, family] = isIPv6(clientAddress) ? ['Ipv6', 'InterNetworkV6'] : ['Ipv4', 'InterNetwork']
  const requestId = headers['x-ms-client-request-id']
  return {
    'cache-control': 'no-cache',
    pragma: 'no-cache',
    expires: '-1',
    'www-authenticate': status === 401 ? challenge(simulator, vault) : undefined,
    'x-ms-keyvault-region': vault.location,
    'x-ms-client-request-id': typeof requestId === 'string' ? requestId : undefined,
    'x-ms-request-id': crypto.randomUUID(),
    'x-ms-keyvault-service-version': '1.9.331.5',
    'x-ms-keyvault-network-info': `conn_type=${connection};addr=${clientAddress};act_addr_fam=${family};`,
    'x-content-type-options': 'nosniff',
    'strict-transport-security': 'max-age=31536000;includeSubDomains',
  }
}

/** The data plane of Key Vault: secrets, and the public parts of keys and certificates. */
export const vaultService: Service = {
  name: 'vault',
  address: { label: 'vault', perResource: true },
  handle,
  audiences: ({ addresses }) => [addresses.vaultResource, 'https://vault.azure.net', vaultAppId],
  state: { key: 'vaults', create: () => ({}) },
  advance: dropExpiredSecrets,
  failure: vaultFailure,
}
