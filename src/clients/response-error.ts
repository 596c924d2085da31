import { ServiceError, type ServiceName } from './service-error.ts'

type Header = (name: string) => string | null | undefined

export const requestIdOf = (header: Header): string | undefined =>
  header('x-ms-request-id') ??
  header('request-id') ??
  header('x-ms-correlation-request-id') ??
  header('audit-id') ??
  undefined

/** Returns the delay of a Retry-After header in ms, whether it has seconds or a date. */
export function retryAfterOf(header: Header): number | undefined {
  const ms = header('retry-after-ms') ?? header('x-ms-retry-after-ms')
  if (ms) return Number(ms)
  const after = header('retry-after')
  if (!after) return undefined
  const delay = Number.isNaN(Number(after)) ? Date.parse(after) - Date.now() : Number(after) * 1000
  return Number.isNaN(delay) ? undefined : Math.max(0, delay)
}

interface ErrorBody {
  code?: string
  message?: string
  innererror?: { code?: string }
  innerError?: { code?: string }
}

function parse(text: unknown): ErrorBody | undefined {
  try {
    const body = typeof text === 'string' ? JSON.parse(text.replace(/^\uFEFF/, '')) : text
    // AKS sends its errors without the `error` envelope.
    return body?.error ?? body ?? undefined
  } catch {
    return undefined
  }
}

/** Returns the error that a service's response describes. `fallback` applies to what its body lacks. */
export function responseError(
  service: ServiceName,
  response: { status: number; text: unknown; header: Header },
  fallback: { code?: string | undefined; message?: string | undefined } = {},
): ServiceError {
  const body = parse(response.text)
  return new ServiceError({
    service,
    code: body?.code ?? fallback.code ?? `Http${response.status}`,
    message:
      body?.message ?? fallback.message ?? `The service returned status ${response.status} without a reason`,
    status: response.status,
    innerCode: body?.innererror?.code ?? body?.innerError?.code,
    requestId: requestIdOf(response.header),
    retryAfterMs: retryAfterOf(response.header),
  })
}
