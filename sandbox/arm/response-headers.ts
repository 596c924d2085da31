import { randomUUID } from 'node:crypto'
import type { CallerClaims } from '../entra/access-tokens.ts'
import type { Call } from '../http.ts'
import type { Simulator } from '../simulator.ts'
import { isoSeconds } from './timestamps.ts'

/** Returns the provider that answered. Undefined for Resource Manager, which has the groups and caches top-level resources. */
function providerOf({ method, segments }: Call): string | undefined {
  const at = segments.findLastIndex((segment) => segment.toLowerCase() === 'providers')
  const [namespace = '', type = '', ...below] = segments.slice(at + 1).map((segment) => segment.toLowerCase())
  if (at < 0 || ['', 'register', 'unregister', 'permissions'].includes(type)) return undefined
  if (namespace === 'microsoft.authorization' || type === 'locations') return namespace
  return (method === 'GET' || method === 'HEAD') && below.length < 2 ? undefined : namespace
}

const isKeyVault = ({ path }: Call) =>
  /\/providers\/Microsoft\.KeyVault\/[^/]+\/.*(?<!\/deletedVaults)$/i.test(path)

/** Returns the headers of every reply. `byGateway`: Resource Manager itself rejected the request. */
export function responseHeaders(
  call: Call,
  simulator: Simulator,
  caller: CallerClaims | undefined,
  byGateway: boolean,
): Record<string, string> {
  const [requestId, routingId] = [randomUUID(), randomUUID()]
  const client = call.headers['x-ms-client-request-id']
  const correlation = call.headers['x-ms-correlation-request-id']
  const echo = String(call.headers['x-ms-return-client-request-id']).toLowerCase() === 'true'
  const time = isoSeconds(simulator.now())
  return {
    'cache-control': 'no-cache',
    pragma: 'no-cache',
    expires: '-1',
    'x-ms-request-id': requestId,
    'x-ms-correlation-request-id': typeof correlation === 'string' ? correlation : requestId,
    'x-ms-routing-request-id': `EASTUS:${time.replace(/[-:]/g, '')}:${routingId}`,
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'x-content-type-options': 'nosniff',
    'x-cache': 'CONFIG_NOCACHE',
    'x-msedge-ref': `Ref A: ${routingId.replaceAll('-', '').toUpperCase()} Ref B: SANDBOX Ref C: ${time}`,
    ...(isKeyVault(call) && !byGateway && { 'x-ms-keyvault-service-version': '2.2.317.0' }),
    ...(caller &&
      !byGateway &&
      providerOf(call) && {
        'x-ms-operation-identifier': `tenantId=${caller.tid},objectId=${caller.oid}/eastus/${requestId}`,
      }),
    ...(echo && typeof client === 'string' && { 'x-ms-client-request-id': client }),
  }
}
