import { parseEntraError } from './entra-error.ts'
import { addRequest, withFailures } from './failed-requests.ts'
import { isNetworkCode, networkError } from './network-error.ts'
import { responseError } from './response-error.ts'
import { ServiceError, type ServiceName } from './service-error.ts'

/** The properties of the SDKs' errors that are used here. */
interface SdkError {
  name?: string
  code?: string | null
  request?: { url: string }
  response?: {
    status: number
    headers: { get(name: string): string | undefined }
    bodyAsText?: string | null
  }
  details?: unknown
  /** Set by the Graph SDK, like the properties below. */
  statusCode?: number
  headers?: { get(name: string): string | null }
  body?: unknown
  customError?: unknown
}

/**
 * Returns the `ServiceError` for an error that an SDK threw. Aborts, our own errors and programming errors are returned
 * unchanged.
 */
export function toServiceError(thrown: unknown, service: ServiceName): unknown {
  const error = thrown as SdkError
  if (error?.customError) return toServiceError(error.customError, service)
  if (!(thrown instanceof Error) || thrown instanceof ServiceError || error.name === 'AbortError')
    return thrown
  // Truncated JSON, or a page instead of JSON.
  if (error.code === 'PARSE_ERROR' || error.name === 'SyntaxError')
    return networkError({ code: 'EUNREADABLE' }, error.request?.url)
  if (error.name === 'RestError' && error.response) return restError(thrown, error, service)
  if (error.name === 'RestError' || isNetworkCode(error.code)) return networkError(thrown, error.request?.url)
  if (error.statusCode && 'body' in error)
    return responseError(
      service,
      { status: error.statusCode, text: error.body, header: (name) => error.headers?.get(name) },
      { code: error.code || undefined, message: thrown.message || undefined },
    )
  return messageError(thrown, service)
}

function restError({ message }: Error, { code, details, response }: SdkError, service: ServiceName) {
  const { status, headers, bodyAsText } = response!
  const target = status >= 300 && status < 400 ? headers.get('location') : undefined
  return responseError(
    service,
    { status, text: bodyAsText ?? details, header: (name) => headers.get(name) },
    {
      code: code && !isNetworkCode(code) ? code : undefined,
      // Without a JSON body, the SDK's message is the raw page.
      message: target
        ? `The service redirects to ${target.slice(0, 200)}, which is not followed`
        : /^\s*</.test(message)
          ? undefined
          : message,
    },
  )
}

/** Recognizes errors that the SDKs distinguish only by their message. */
function messageError(cause: Error, service: ServiceName): Error {
  const { message } = cause
  const operation = /^The long-running operation has failed\.?(?:\s+([\w()]+)\. (.*))?/s.exec(message)
  if (operation)
    return new ServiceError({
      service,
      code: operation[1] ?? 'OperationFailed',
      message: operation[2] ?? 'The operation failed; the service reported no reason',
      cause,
    })
  if (message === 'Operation was canceled')
    return new ServiceError({
      service,
      code: 'OperationCanceled',
      message: 'The operation was canceled',
      cause,
    })
  if (/^The challenge resource /.test(message))
    return new ServiceError({ service, code: 'ChallengeMismatch', message, cause })
  if (/allowInsecureConnection is false|not permitted for non-TLS/.test(message))
    return new ServiceError({
      service: 'network',
      code: 'NotHttps',
      message: 'The address must start with https://',
      cause,
    })
  const entraError = parseEntraError(message)
  return entraError ? new ServiceError({ service: 'entra', ...entraError, cause }) : cause
}

export type Guard = <T>(call: () => Promise<T>) => Promise<T>

/** Returns a function that runs a call to the service, throws `ServiceError`, and stops waiting on abort. */
export const guard =
  (service: ServiceName, signal: AbortSignal): Guard =>
  async (call) => {
    signal.throwIfAborted()
    const { promise: aborted, reject } = Promise.withResolvers<never>()
    aborted.catch(() => {})
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    try {
      return await withFailures(async () => {
        try {
          return await Promise.race([call(), aborted])
        } catch (thrown) {
          const error = toServiceError(thrown, service)
          if (error instanceof ServiceError) addRequest(error, service)
          throw error
        }
      })
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

/** Returns undefined if the service reports that the resource does not exist. A missing subscription is an error. */
export async function undefinedIfNotFound<T>(result: Promise<T>): Promise<T | undefined> {
  try {
    return await result
  } catch (error) {
    if (error instanceof ServiceError && error.status === 404 && !/^(Invalid)?Subscription/.test(error.code))
      return undefined
    throw error
  }
}
