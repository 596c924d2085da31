import { isNetworkCode } from './network-error.ts'
import { isTransientStatus } from './request-retries.ts'
import { ServiceError } from './service-error.ts'

const networkCodes = [
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'EUNREADABLE',
]

/** Entra: "A transient error has occurred". Sign-in programs report it without a status. */
const transientCodes = ['AADSTS90033']

/** Helm's words for a connection that failed. */
const helmConnection =
  /connection (?:reset by peer|refused)|i\/o timeout|TLS handshake timeout|no such host|network is unreachable|unexpected EOF|: EOF$/

/** Returns the error of a service, also if a step or check has reworded it. */
export function serviceErrorOf(error: unknown): ServiceError | undefined {
  const failure = error instanceof ServiceError ? error : (error as Error | undefined)?.cause
  return failure instanceof ServiceError ? failure : undefined
}

/** Whether a service failed, throttled the request or could not be reached: that says nothing about the set-up. */
export function isUnavailable(error: unknown): boolean {
  const failure = serviceErrorOf(error)
  if (!failure) return false
  const { service, code, message, request } = failure
  const status = failure.status ?? request?.status
  if (status === undefined && transientCodes.includes(code)) return true
  if (status === undefined && service === 'helm') return helmConnection.test(message)
  if (status === undefined) return service === 'network' && networkCodes.includes(code)
  // The API server answers 500 for a webhook that rejects or does not respond.
  return isTransientStatus(status) && !/calling webhook/.test(message)
}

/** Whether a request got no answer that says anything about the set-up, even if waiting would not help. */
export function isUndetermined(error: unknown): boolean {
  if (isUnavailable(error)) return true
  const failure = serviceErrorOf(error)
  return failure?.service === 'network' && failure.status === undefined && isNetworkCode(failure.code)
}
