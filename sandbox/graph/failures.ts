import { randomUUID } from 'node:crypto'
import { type FailureKind, gatewayPage } from '../faults/failure-kinds.ts'
import type { Call, Reply } from '../http.ts'
import type { Simulator } from '../simulator.ts'

const messages = {
  408: ['RequestTimeout', 'The request timed out.'],
  500: ['InternalServerError', 'An internal server error occurred.'],
  503: ['ServiceUnavailable', 'Service is temporarily unavailable. Please try again later.'],
  504: ['GatewayTimeout', 'The service did not answer in time.'],
} as const

function wording({ state }: Simulator, kind: Exclude<FailureKind, '502'>): readonly [number, string, string] {
  switch (kind) {
    case '429':
      return [
        429,
        'TooManyRequests',
        `Too many requests from Identifier:${state.operator.clientId} under category:throttle.msods.reads. Please try again later.`,
      ]
    case 'busy':
    case 'concurrent-write':
      return [
        409,
        'Directory_ConcurrencyViolation',
        'Error due to concurrent requests being made to the tenant. Please wait briefly and retry.',
      ]
    default:
      return [Number(kind), ...messages[kind]]
  }
}

/** Returns Microsoft Graph's reply for an injected failure. */
export function graphFailure(call: Call, simulator: Simulator, kind: FailureKind): Reply {
  if (kind === '502') return gatewayPage(502, '502 - Bad Gateway')
  const [status, code, message] = wording(simulator, kind)
  return {
    status,
    headers: { 'request-id': randomUUID() },
    body: {
      error: {
        code,
        message,
        innerError: {
          date: new Date(simulator.now()).toISOString().slice(0, 19),
          'request-id': randomUUID(),
          'client-request-id': call.headers['client-request-id'] ?? randomUUID(),
        },
      },
    },
  }
}
