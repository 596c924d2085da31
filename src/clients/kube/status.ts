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

/** For answers without a Status, from something in between. */
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

function read(text: string): Status {
  try {
    const body = JSON.parse(text)
    return body?.kind === 'Status' ? body : {}
  } catch {
    return {}
  }
}

/** What the API server refused; code is its reason: `Forbidden`. */
export function statusError(answer: HttpResponse): ServiceError {
  const { reason, message, details } = read(answer.text)
  const code = reason || (reasons[answer.status] ?? `Http${answer.status}`)
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
    message: message || `The API server answered with status ${answer.status} (${code})`,
    status: answer.status,
    requestId: requestIdOf(answer.header),
    retryAfterMs: retryAfterOf(answer.header) ?? (seconds ? seconds * 1000 : undefined),
    conflicts,
  })
}
