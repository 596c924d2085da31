import type { HttpClient, PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline'
import { redactUrl } from '../base/redact.ts'
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
    readsByPost.test(url.pathname.replace(/\/+$/, ''))
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
  request.abortSignal = callerSignal ? AbortSignal.any([callerSignal, timeout]) : timeout
  try {
    const response = await client.sendRequest(request)
    if (isInterceptedResponse(request, response))
      throw new library.RestError('the response is a web page', { code: 'EUNREADABLE', request })
    const requestId = requestIdOf((name) => response.headers.get(name))
    report({ status: response.status, requestId })
    return response
  } catch (thrown) {
    const error = callerSignal?.aborted ? (thrown as RequestError) : withNetworkCode(thrown, request, library)
    report({ failure: error.code ?? error.name })
    throw error
  } finally {
    if (callerSignal) request.abortSignal = callerSignal
    else delete request.abortSignal
  }
}

/** Gives timeouts and truncated responses a network code, which the library's errors lack. */
function withNetworkCode(thrown: unknown, request: PipelineRequest, { RestError }: Library): RequestError {
  const error = thrown as RequestError
  if (error.name === 'AbortError')
    return new RestError(`no response within ${retryLimits.timeout / 1000} seconds`, {
      code: 'ETIMEDOUT',
      request,
    })
  return error.code === 'PARSE_ERROR'
    ? new RestError('the response was truncated', { code: 'EUNREADABLE', request })
    : error
}
