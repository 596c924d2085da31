import type { Agent, HttpMethods, Pipeline } from '@azure/core-rest-pipeline'
import { type Http, useOwnAgent } from './http.ts'
import { expectDocument } from './http-attempt.ts'
import { disableRetries } from './request-retries.ts'

export interface HttpRequest {
  method: HttpMethods
  url: string
  headers?: Record<string, string>
  body?: string
  signal: AbortSignal
  /** Time in ms after which the request fails with `ETIMEDOUT`; no limit if omitted. */
  timeout?: number
  agent?: Agent
  allowHttp?: boolean
  /** Sends the request without retries. */
  once?: boolean
  /** Expects a small document: a larger response is an error. */
  isDocument?: boolean
}

export interface HttpResponse {
  status: number
  header(name: string): string | undefined
  text: string
}

let pipeline: Promise<Pipeline> | undefined

/** Sends a request that no SDK supports, with proxies and redirects as in the SDKs. Returns for any status. */
export async function sendHttpRequest(http: Http, options: HttpRequest): Promise<HttpResponse> {
  const { createHttpHeaders, createPipelineFromOptions, createPipelineRequest, RestError } = await import(
    '@azure/core-rest-pipeline'
  )
  pipeline ??= Promise.resolve(
    createPipelineFromOptions({
      retryOptions: { maxRetries: 0 },
      userAgentOptions: { userAgentPrefix: 'wi-setup' },
    }),
  )
  const { signal, timeout } = options
  const timeoutSignal = timeout === undefined ? undefined : AbortSignal.timeout(timeout)
  const request = createPipelineRequest({
    method: options.method,
    url: options.url,
    headers: createHttpHeaders(options.headers ?? {}),
    abortSignal: timeoutSignal ? AbortSignal.any([signal, timeoutSignal]) : signal,
    allowInsecureConnection: options.allowHttp ?? false,
    ...(options.body === undefined ? {} : { body: options.body }),
  })
  if (options.agent) {
    request.agent = options.agent
    useOwnAgent(request)
  }
  if (options.once) disableRetries(request)
  if (options.isDocument) expectDocument(request)
  try {
    const response = await (await pipeline).sendRequest(http, request)
    return {
      status: response.status,
      header: (name) => response.headers.get(name),
      text: response.bodyAsText ?? '',
    }
  } catch (error) {
    if (timeoutSignal?.aborted && !signal.aborted)
      throw new RestError(`no complete response within ${(timeout ?? 0) / 1000} seconds`, {
        code: 'ETIMEDOUT',
        request,
      })
    throw error
  }
}
