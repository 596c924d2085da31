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

export const methodNotAllowed = (method: string, allowed: string[]) =>
  invalidRequest(
    900561,
    `The endpoint only accepts ${[...allowed, 'OPTIONS'].join(', ')} requests. Received a ${method} request.`,
  )

export const missingParameter = (name: string) =>
  invalidRequest(900144, `The request body must contain the following parameter: '${name}'.`)

// Errors that Entra returns without `error_uri`.
const withoutUri = new Set([50166, 501661, 90061, 900612, 700211])

/** IDs that a response echoes. */
export interface RequestIds {
  trace: string
  correlation: string
}

/** Returns the error response, with its fields in Entra's order. */
export function entraErrorReply(error: EntraError, now: number, { trace, correlation }: RequestIds): Reply {
  const timestamp = `${new Date(now).toISOString().slice(0, 19).replace('T', ' ')}Z`
  return {
    status: error.status,
    body: {
      error: error.error,
      error_description: `AADSTS${error.code}: ${error.message} Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp}`,
      error_codes: [error.code],
      timestamp,
      trace_id: trace,
      correlation_id: correlation,
      ...(withoutUri.has(error.code)
        ? {}
        : { error_uri: `https://login.microsoftonline.com/error?code=${error.code}` }),
    },
  }
}
