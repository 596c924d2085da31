import type { FailureKind } from '../faults/failure-kinds.ts'
import { beingDeleted, type CollectionNoun, StorageError } from './errors.ts'

const messages = {
  408: ['RequestTimeout', 'The request timed out.'],
  429: ['TooManyRequests', 'The request rate is too high. Please retry your request after some time.'],
  500: ['InternalError', 'The server encountered an internal error. Please retry the request.'],
  503: ['ServerBusy', 'The server is busy.'],
  504: ['GatewayTimeout', 'The service did not answer in time.'],
} as const

/** Returns a data plane's error for an injected failure. */
export function injectedError(kind: Exclude<FailureKind, '502'>, noun: CollectionNoun): StorageError {
  if (kind === 'busy' || kind === 'concurrent-write') return beingDeleted(noun)
  const [code, message] = messages[kind]
  return new StorageError(Number(kind), code, message)
}
