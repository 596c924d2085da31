import { randomUUID } from 'node:crypto'
import { type FailureKind, gatewayPage } from '../faults/failure-kinds.ts'
import type { Call, Reply } from '../http.ts'
import type { Simulator } from '../simulator.ts'
import { EntraError, entraErrorReply } from './errors.ts'

/** Returns the token service's reply for an injected failure. */
export function entraFailure(_: Call, simulator: Simulator, kind: FailureKind): Reply {
  if (kind === '502') return gatewayPage(502, '502 - Bad Gateway')
  const error = new EntraError(
    90033,
    'temporarily_unavailable',
    kind === 'busy' || kind === 'concurrent-write' ? 503 : Number(kind),
    'A transient error has occurred. Please try again.',
  )
  return entraErrorReply(error, simulator.now(), { trace: randomUUID(), correlation: randomUUID() })
}
