import { type FailureKind, gatewayPage } from '../faults/failure-kinds.ts'
import type { Call, Reply } from '../http.ts'
import type { Simulator } from '../simulator.ts'

/** Returns the host's reply for an injected failure. */
export const issuerFailure = (_: Call, _simulator: Simulator, kind: FailureKind): Reply =>
  gatewayPage(kind === 'busy' || kind === 'concurrent-write' ? 503 : Number(kind), 'Service unavailable')
