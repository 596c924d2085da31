import type { Reply } from '../http.ts'

/** An error of the token service: a number as in `AADSTS700016`, and the OAuth error. */
export class EntraError extends Error {
  readonly code: number
  readonly error: string
  readonly status: number
  constructor(code: number, error: string, status: number, message: string) {
    super(message)
    this.code = code
    this.error = error
    this.status = status
  }
}

export const invalidClient = (code: number, message: string) =>
  new EntraError(code, 'invalid_client', 401, message)

export const invalidRequest = (code: number, message: string) =>
  new EntraError(code, 'invalid_request', 400, message)

export const missingParameter = (name: string) =>
  invalidRequest(900144, `The request body must contain the following parameter: '${name}'.`)

// Errors that Entra returns without `error_uri`.
const withoutUri = new Set([50166, 501661, 90061, 900612, 700211])

/** Returns the error response, with its fields in Entra's order. */
export function entraErrorReply(
  refusal: EntraError,
  now: number,
  correlationId: string,
  traceId: string,
): Reply {
  const timestamp = `${new Date(now).toISOString().slice(0, 19).replace('T', ' ')}Z`
  return {
    status: refusal.status,
    body: {
      error: refusal.error,
      error_description: `AADSTS${refusal.code}: ${refusal.message} Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
      error_codes: [refusal.code],
      timestamp,
      trace_id: traceId,
      correlation_id: correlationId,
      ...(withoutUri.has(refusal.code)
        ? {}
        : { error_uri: `https://login.microsoftonline.com/error?code=${refusal.code}` }),
    },
  }
}
