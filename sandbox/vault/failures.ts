import { type FailureKind, gatewayPage } from '../faults/failure-kinds.ts'
import type { Call, Reply } from '../http.ts'
import type { Simulator } from '../simulator.ts'
import { conflict, VaultError } from './errors.ts'

const messages = {
  408: ['RequestTimeout', 'The request timed out.'],
  429: [
    'Throttled',
    'Request was not processed because too many requests were received. Please try again later.',
  ],
  500: ['InternalServerError', 'An unexpected error occurred.'],
  503: ['ServiceUnavailable', 'The service is temporarily unavailable.'],
  504: ['GatewayTimeout', 'The service did not answer in time.'],
} as const

/** Returns Key Vault's reply for an injected failure. */
export function vaultFailure(call: Call, _: Simulator, kind: FailureKind): Reply {
  if (kind === '502') return gatewayPage(502, '502 - Bad Gateway')
  if (kind === 'busy' || kind === 'concurrent-write')
    return conflict(
      'ObjectIsBeingDeleted',
      `Secret ${call.segments[1] ?? ''} is currently being deleted and cannot be re-created; retry later.`,
    ).reply
  const [code, message] = messages[kind]
  return new VaultError({ status: Number(kind), body: { error: { code, message } } }).reply
}
