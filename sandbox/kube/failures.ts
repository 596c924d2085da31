import { randomUUID } from 'node:crypto'
import { type FailureKind, gatewayPage } from '../faults/failure-kinds.ts'
import type { Call, Reply } from '../http.ts'
import type { Simulator } from '../simulator.ts'
import { KubeError } from './errors.ts'

const messages = {
  408: ['Timeout', 'the request timed out'],
  429: ['TooManyRequests', 'too many requests, please try again later'],
  500: ['InternalError', 'Internal error occurred: etcdserver: request timed out'],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
  504: ['Timeout', 'request did not complete within the allotted timeout'],
} as const

const reply = (status: number, reason: string, message: string): Reply => ({
  status,
  headers: { 'content-type': 'application/json', 'audit-id': randomUUID() },
  body: new KubeError(status, reason, message).status,
})

/** Returns the API server's reply for an injected failure. */
export function kubeFailure(call: Call, _: Simulator, kind: FailureKind): Reply {
  if (kind === '502') return gatewayPage(502, '502 Bad Gateway')
  if (kind === 'busy' || kind === 'concurrent-write')
    return reply(
      409,
      'Conflict',
      `Operation cannot be fulfilled on ${call.segments.at(-2)} "${call.segments.at(-1)}": the object has been modified; please apply your changes to the latest version and try again`,
    )
  const [reason, message] = messages[kind]
  return reply(Number(kind), reason, message)
}
