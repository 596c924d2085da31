import type { HttpClient, PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline'
import { type ResponseKind, readLimits, responseLimits, sizeText } from '../base/read-limits.ts'
import { redactUrl } from '../base/redact.ts'
import { withoutTrailingSlash } from '../base/trailing-slash.ts'
import { ExcessError, readText, TruncationError } from './read-body.ts'
import { isInterceptedResponse, retryLimits } from './request-retries.ts'
import { requestIdOf } from './response-error.ts'

/** A completed request, without headers, body, and tokens or signatures in its URL. */
export interface TraceEvent {
  method: string
  url: string
  /** Undefined if there was no response. */
  status: number | undefined
  ms: number
  requestId: string | undefined
  /** Why there was no response, such as `ENOTFOUND`. */
  failure: string | undefined
}

type Library = typeof import('@azure/core-rest-pipeline')

export type RequestError = Error & { code?: string }

/** POST requests that change nothing. */
const readsByPost =
  /\/(oauth2\/v2\.0\/(token|devicecode)|listcluster(user|admin)credential|checknameavailability|(local|self)?subject\w*reviews|serviceaccounts\/[^/]+\/token)$/i

export function isRead(request: PipelineRequest): boolean {
  const url = new URL(request.url)
  return (
    ['GET', 'HEAD'].includes(request.method) ||
    url.searchParams.has('dryRun') ||
    readsByPost.test(withoutTrailingSlash(url.pathname))
  )
}

/** Sends a request once and reports it to the trace. An incomplete or intercepted response is an error. */
export async function sendOnce(
  request: PipelineRequest,
  options: { client: HttpClient; library: Library; trace: ((event: TraceEvent) => void) | undefined },
): Promise<PipelineResponse> {
  const { client, library, trace } = options
  const began = performance.now()
  const report = (event: Partial<TraceEvent>) =>
    trace?.({
      method: request.method,
      url: redactUrl(request.url),
      status: undefined,
      ms: Math.round(performance.now() - began),
      requestId: undefined,
      failure: undefined,
      ...event,
    })
  // The library's own timeout would keep the process alive.
  const timeout = AbortSignal.timeout(retryLimits.timeout)
  const callerSignal = request.abortSignal as AbortSignal | undefined
  const excess = new AbortController()
  const signals = [timeout, excess.signal, ...(callerSignal ? [callerSignal] : [])]
  const signal = AbortSignal.any(signals)
  request.abortSignal = signal
  try {
    const response = await sendAndRead(request, client, signal)
    if (isInterceptedResponse(request, response))
      throw new library.RestError('the response is a web page', { code: 'EUNREADABLE', request })
    const requestId = requestIdOf((name) => response.headers.get(name))
    report({ status: response.status, requestId })
    return response
  } catch (thrown) {
    // Closes the connection, on which the rest of the response may still arrive.
    excess.abort()
    const error = callerSignal?.aborted
      ? (thrown as RequestError)
      : withNetworkCode(timeout.aborted ? timeout.reason : thrown, request, library)
    report({ failure: error.code ?? error.name })
    throw error
  } finally {
    if (callerSignal) request.abortSignal = callerSignal
    else delete request.abortSignal
  }
}

const anyStatus = new Set([Number.POSITIVE_INFINITY])

/** Sends the request and reads the response's body, which the library would read without a limit. */
async function sendAndRead(
  request: PipelineRequest,
  client: HttpClient,
  signal: AbortSignal,
): Promise<PipelineResponse> {
  const { streamResponseStatusCodes } = request
  request.streamResponseStatusCodes = anyStatus
  try {
    const response = await client.sendRequest(request)
    const { readableStreamBody: stream } = response
    if (!stream) return response
    delete response.readableStreamBody
    response.bodyAsText = await readText(stream, { limit: responseLimits[kindOf(request)], signal })
    return response
  } finally {
    if (streamResponseStatusCodes) request.streamResponseStatusCodes = streamResponseStatusCodes
    else delete request.streamResponseStatusCodes
  }
}

const documents = new WeakSet<PipelineRequest>()

/** Makes the HTTP client read only a small document. */
export const expectDocument = (request: PipelineRequest): void => void documents.add(request)

const kindOf = (request: PipelineRequest): ResponseKind =>
  documents.has(request) || /\/(oauth2|\.well-known|discovery)\//.test(request.url) ? 'document' : 'response'

/** Node.js fails this way if the socket of a TLS connection has got no file descriptor. */
const isWithoutSocket = (error: Error) => error instanceof TypeError && /setServername/.test(error.message)

/** Gives excesses, timeouts and truncated responses a network code, which the library's errors lack. */
function withNetworkCode(thrown: unknown, request: PipelineRequest, { RestError }: Library): RequestError {
  const error = thrown as RequestError
  const excess =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? `response headers of more than ${sizeText(readLimits.headers)}`
      : error instanceof ExcessError && error.message
  if (excess) return new RestError(excess, { code: 'ETOOLARGE', request })
  if (isWithoutSocket(error)) return new RestError('no file descriptor', { code: 'EMFILE', request })
  if (error.name === 'AbortError' || error.name === 'TimeoutError')
    return new RestError(`no complete response within ${retryLimits.timeout / 1000} seconds`, {
      code: 'ETIMEDOUT',
      request,
    })
  return error instanceof TruncationError
    ? new RestError('the response was truncated', { code: 'EUNREADABLE', request })
    : error
}
