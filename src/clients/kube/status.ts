import type { HttpResponse } from '../http-request.ts'
import { requestIdOf, retryAfterOf } from '../response-error.ts'
import { ServiceError } from '../service-error.ts'

interface Status {
  message?: string
  reason?: string
  details?: {
    retryAfterSeconds?: number
    causes?: { reason?: string; message?: string; field?: string }[]
  }
}

/** Reasons for responses without a Status object, such as those of a proxy. */
const reasons: Record<number, string> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
}

function parse(text: string): Status {
  try {
    const body = JSON.parse(text)
    if (body?.kind === 'Status') return body
    // A proxy in front of the API server.
    const { code, message } = body?.error ?? {}
    return typeof message === 'string' ? { message, ...(typeof code === 'string' && { reason: code }) } : {}
  } catch {
    return {}
  }
}

/** Returns the error that the API server's response describes. Its code is the reason, such as `Forbidden`. */
export function statusError({ status, text, header }: HttpResponse): ServiceError {
  const { reason, message, details } = parse(text)
  const code = reason || (reasons[status] ?? `Http${status}`)
  const conflicts = (details?.causes ?? [])
    .filter((cause) => cause.reason === 'FieldManagerConflict')
    .map((cause) => ({
      field: cause.field ?? '',
      manager: /conflict with "([^"]*)"/.exec(cause.message ?? '')?.[1] ?? '',
    }))
  const seconds = details?.retryAfterSeconds
  return new ServiceError({
    service: 'kubernetes',
    code,
    message: message || `The API server returned status ${status} (${code})`,
    status,
    requestId: requestIdOf(header),
    retryAfterMs: retryAfterOf(header) ?? (seconds ? seconds * 1000 : undefined),
    conflicts,
  })
}
