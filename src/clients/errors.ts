import { parseEntraError } from './entra-error.ts'
import { ServiceError, type ServiceName } from './service-error.ts'

/** What the SDKs' errors have in common, as far as we look into them. */
interface Foreign {
  name?: string
  message?: string
  code?: string | null
  statusCode?: number
  request?: { url: string }
  response?: {
    status: number
    headers: { get(name: string): string | undefined }
    bodyAsText?: string | null
  }
  details?: unknown
  /** Graph's. */
  requestId?: string | null
  headers?: { get(name: string): string | null }
  body?: unknown
  customError?: unknown
}

interface ErrorBody {
  code?: string
  message?: string
  innererror?: { code?: string }
  innerError?: { code?: string }
}

type Header = (name: string) => string | null | undefined

export const requestIdOf = (header: Header): string | undefined =>
  header('x-ms-request-id') ??
  header('request-id') ??
  header('x-ms-correlation-request-id') ??
  header('audit-id') ??
  undefined

/** `Retry-After` in ms, from seconds or a date. */
export function retryAfterOf(header: Header): number | undefined {
  const ms = header('retry-after-ms') ?? header('x-ms-retry-after-ms')
  if (ms) return Number(ms)
  const after = header('retry-after')
  if (!after) return undefined
  const wait = Number.isNaN(Number(after)) ? Date.parse(after) - Date.now() : Number(after) * 1000
  return Number.isNaN(wait) ? undefined : Math.max(0, wait)
}

const parsed = (text: unknown): ErrorBody | undefined => {
  try {
    const body = typeof text === 'string' ? JSON.parse(text.replace(/^\uFEFF/, '')) : text
    // AKS sends its errors without the envelope.
    return body?.error ?? body ?? undefined
  } catch {
    return undefined
  }
}

const hostOf = (url: string | undefined) => (url && URL.canParse(url) ? new URL(url).host : undefined)

const networkReasons: Record<string, string> = {
  ENOTFOUND: 'its name does not resolve',
  EAI_AGAIN: 'its name could not be looked up just now',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was cut',
  ETIMEDOUT: 'no answer came in time',
  EUNREADABLE: 'what answered was a web page, or broke off (a proxy or a sign-in page in between?)',
}

/**
 * A request that got no answer. No error here takes the SDK's along as its cause: that holds the request, with its
 * token and body. `url` is for the host's name in the message.
 */
export function networkError(error: unknown, url: string | undefined): ServiceError {
  const { code, message } = error as Foreign
  const why = networkReasons[code ?? ''] ?? message ?? 'the connection failed'
  return new ServiceError({
    service: 'network',
    code: code ?? 'REQUEST_SEND_ERROR',
    message: `${hostOf(url) ?? 'The server'} could not be reached: ${why}`,
  })
}

const isNetworkCode = (code: unknown) =>
  typeof code === 'string' &&
  /^(E(?!RR_)[A-Z_]+|REQUEST_SEND_ERROR|(UNABLE|DEPTH|CERT|SELF|ERR_TLS|ERR_SSL|ERR_STREAM|ERR_SOCKET)_\w+)$/.test(
    code,
  )

/** The service's answer as an error of ours, whichever way it was read. */
export function responseError(
  service: ServiceName,
  of: {
    status: number
    text: unknown
    header: Header
    fallback?: { code?: string; message?: string }
  },
): ServiceError {
  const body = parsed(of.text)
  return new ServiceError({
    service,
    code: body?.code ?? of.fallback?.code ?? `Http${of.status}`,
    message:
      body?.message ??
      of.fallback?.message ??
      `The service answered with status ${of.status} and no readable reason`,
    status: of.status,
    innerCode: body?.innererror?.code ?? body?.innerError?.code,
    requestId: requestIdOf(of.header),
    retryAfterMs: retryAfterOf(of.header),
  })
}

/**
 * The one translation of what the SDKs throw. Aborts, our own errors and plain programming errors come back as they
 * are.
 */
export function toServiceError(thrown: unknown, service: ServiceName): unknown {
  const error = thrown as Foreign
  if (error?.customError) return toServiceError(error.customError, service)
  if (!(thrown instanceof Error) || thrown instanceof ServiceError || error.name === 'AbortError')
    return thrown
  const cause = thrown
  // JSON that ends before its end, or a page where JSON was asked for.
  if (error.code === 'PARSE_ERROR' || error.name === 'SyntaxError')
    return networkError({ code: 'EUNREADABLE' }, error.request?.url)

  if (error.name === 'RestError' && error.response) {
    const { response } = error
    const code = error.code && !isNetworkCode(error.code) ? { code: error.code } : {}
    const readable = response.bodyAsText ?? error.details
    // Without a JSON body the SDK's message is the raw page.
    const message =
      parsed(readable)?.message || !/^\s*</.test(thrown.message) ? { message: thrown.message } : {}
    return responseError(service, {
      status: response.status,
      text: readable,
      header: (name) => response.headers.get(name),
      fallback: { ...code, ...message },
    })
  }
  if (error.name === 'RestError' || isNetworkCode(error.code)) return networkError(thrown, error.request?.url)

  if (typeof error.statusCode === 'number' && error.statusCode > 0 && 'body' in error) {
    return responseError(service, {
      status: error.statusCode,
      text: error.body,
      header: (name) => error.headers?.get(name),
      fallback: {
        ...(error.code ? { code: error.code } : {}),
        ...(thrown.message ? { message: thrown.message } : {}),
      },
    })
  }

  const operation = /^The long-running operation has failed\.?(?:\s+([\w()]+)\. (.*))?/s.exec(thrown.message)
  if (operation)
    return new ServiceError({
      service,
      code: operation[1] ?? 'OperationFailed',
      message: operation[2] ?? 'The operation failed; the service gave no reason',
      cause,
    })
  if (thrown.message === 'Operation was canceled')
    return new ServiceError({
      service,
      code: 'OperationCanceled',
      message: 'The operation was canceled',
      cause,
    })
  if (/^The challenge resource /.test(thrown.message))
    return new ServiceError({ service, code: 'ChallengeMismatch', message: thrown.message, cause })
  if (/allowInsecureConnection is false|not permitted for non-TLS/.test(thrown.message))
    return new ServiceError({
      service: 'network',
      code: 'NotHttps',
      message: 'The address must begin with https://',
      cause,
    })
  const entra = parseEntraError(thrown.message)
  return entra ? new ServiceError({ service: 'entra', ...entra, cause }) : thrown
}

export type Guard = <T>(work: () => Promise<T>) => Promise<T>

/** Runs work against a service: its errors are translated, and an abort ends the wait at once, also between two polls. */
export const guard =
  (service: ServiceName, signal: AbortSignal): Guard =>
  async (work) => {
    signal.throwIfAborted()
    const { promise: aborted, reject } = Promise.withResolvers<never>()
    aborted.catch(() => {})
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    try {
      return await Promise.race([work(), aborted])
    } catch (error) {
      throw toServiceError(error, service)
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

/** Undefined where the service says that there is no such thing (but not where it knows the subscription itself not). */
export async function undefinedIfNotFound<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (error instanceof ServiceError && error.status === 404 && !/^(Invalid)?Subscription/.test(error.code))
      return undefined
    throw error
  }
}
