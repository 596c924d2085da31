import { ServiceError } from '../clients/service-error.ts'

const statuses = [408, 429, 500, 502, 503, 504]
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

/** Whether a service failed, throttled the request or could not be reached: that says nothing about the set-up. */
export function isUnavailable(error: unknown): boolean {
  const failure = error instanceof ServiceError ? error : (error as Error | undefined)?.cause
  if (!(failure instanceof ServiceError)) return false
  const { service, status, code, message } = failure
  if (status === undefined) return service === 'network' && networkCodes.includes(code)
  // The API server answers 500 for a webhook that rejects or does not respond.
  return statuses.includes(status) && !/calling webhook/.test(message)
}
