import type { Call, Reply } from '../http.ts'
import type { Service } from '../service.ts'
import type { Simulator } from '../simulator.ts'
import { issueDeviceCode } from './device-code.ts'
import { instanceDiscovery, openidConfiguration, signingKeys } from './discovery.ts'
import { EntraError, entraErrorReply, invalidRequest } from './errors.ts'
import { entraFailure } from './failures.ts'
import { newEntraState } from './state.ts'
import { isTenantAlias, requireTenant } from './tenants.ts'
import { issueToken } from './token.ts'

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Returns the client's request ID from the query, form or headers, or a new one. */
function readCorrelationId(call: Call): string {
  const requestId =
    call.query('client-request-id') ??
    call.form().get('client-request-id') ??
    call.headers['client-request-id'] ??
    call.headers['x-ms-client-request-id']
  return typeof requestId === 'string' && guid.test(requestId) ? requestId : crypto.randomUUID()
}

async function answer(call: Call, simulator: Simulator): Promise<Reply> {
  const [tenant = '', ...rest] = call.segments
  const path = rest.join('/').toLowerCase()
  switch (path) {
    case 'discovery/instance':
      return instanceDiscovery(call, simulator)
    case 'v2.0/.well-known/openid-configuration':
      return openidConfiguration(simulator, tenant, 'v2')
    case '.well-known/openid-configuration':
      return openidConfiguration(simulator, tenant, 'v1')
    case 'discovery/v2.0/keys':
    case 'discovery/keys':
      return signingKeys(simulator, tenant)
    case 'oauth2/v2.0/token':
    case 'oauth2/token':
      requirePost(call)
      return issueToken(call, simulator, tenant, path === 'oauth2/token' ? 'v1' : 'v2')
    case 'oauth2/v2.0/devicecode':
      requirePost(call)
      if (!isTenantAlias(tenant)) requireTenant(simulator, tenant)
      return issueDeviceCode(simulator, call.form())
    default:
      return {
        status: 404,
        body: {
          error: {
            code: 'NotFound',
            message: 'This endpoint does not exist in the simulated token service.',
          },
        },
      }
  }
}

function requirePost(call: Call): void {
  if (call.method !== 'POST')
    throw invalidRequest(
      900561,
      `The endpoint only accepts POST, OPTIONS requests. Received a ${call.method} request.`,
    )
}

const handle: Service['handle'] = async (call, simulator) => {
  const [traceId, correlationId] = [crypto.randomUUID(), readCorrelationId(call)]
  const reply = await answer(call, simulator).catch((error: unknown) => {
    if (error instanceof EntraError) return entraErrorReply(error, simulator.now(), correlationId, traceId)
    throw error
  })
  return {
    ...reply,
    headers: {
      'cache-control': 'no-store, no-cache',
      pragma: 'no-cache',
      expires: '-1',
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
      'x-content-type-options': 'nosniff',
      'client-request-id': correlationId,
      'x-ms-request-id': traceId,
      'x-ms-ests-server': '2.1.22500.5 - NEULR1 ProdSlices',
      'x-ms-srs': '1.P',
      ...reply.headers,
    },
  }
}

export const entraService: Service = {
  name: 'login',
  address: { label: 'login' },
  handle,
  state: { key: 'entra', create: newEntraState },
  failure: entraFailure,
  readOnlyPosts: /\/(oauth2\/(v2\.0\/)?token|oauth2\/v2\.0\/devicecode)$/i,
}
