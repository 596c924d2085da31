import { isGuid } from '../guid.ts'
import type { Call, Reply } from '../http.ts'
import type { Service } from '../service.ts'
import type { Simulator } from '../simulator.ts'
import { EntraError, entraErrorReply, methodNotAllowed, type RequestIds } from './errors.ts'
import { entraFailure } from './failures.ts'
import { findRoute } from './routes.ts'
import { newEntraState } from './state.ts'

/** Returns the client's request ID from the query, form or headers, or a new one. */
function readCorrelationId(call: Call): string {
  const requestId =
    call.query('client-request-id') ??
    call.form().get('client-request-id') ??
    call.headers['client-request-id'] ??
    call.headers['x-ms-client-request-id']
  return isGuid(requestId) ? requestId : crypto.randomUUID()
}

function dispatch(call: Call, simulator: Simulator): Reply | Promise<Reply> {
  const match = findRoute(call.method === 'HEAD' ? 'GET' : call.method, call.path)
  if ('route' in match) return match.route.handler({ call, simulator, params: match.params })
  if (match.allowed.length > 0) throw methodNotAllowed(call.method, match.allowed)
  return {
    status: 404,
    body: { error: { code: 'NotFound', message: 'The simulated token service has no such endpoint.' } },
  }
}

async function replyOrError(call: Call, simulator: Simulator, ids: RequestIds): Promise<Reply> {
  try {
    return await dispatch(call, simulator)
  } catch (error) {
    if (error instanceof EntraError) return entraErrorReply(error, simulator.now(), ids)
    throw error
  }
}

const handle: Service['handle'] = async (call, simulator) => {
  const ids = { trace: crypto.randomUUID(), correlation: readCorrelationId(call) }
  const reply = await replyOrError(call, simulator, ids)
  return {
    ...reply,
    headers: {
      'cache-control': 'no-store, no-cache',
      pragma: 'no-cache',
      expires: '-1',
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
      'x-content-type-options': 'nosniff',
      'client-request-id': ids.correlation,
      'x-ms-request-id': ids.trace,
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
