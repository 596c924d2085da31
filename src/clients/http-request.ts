import type { Agent, HttpMethods, Pipeline } from '@azure/core-rest-pipeline'
import { type Http, useOwnAgent } from './http.ts'
import { disableRetries } from './request-retries.ts'

export interface HttpRequest {
  method: HttpMethods
  url: string
  headers?: Record<string, string>
  body?: string
  signal: AbortSignal
  /** Ms until it fails with `ETIMEDOUT`; none if left out. */
  timeout?: number
  agent?: Agent
  allowHttp?: boolean
  /** Whatever comes is the answer: nothing is sent again. */
  once?: boolean
}

export interface HttpResponse {
  status: number
  header(name: string): string | undefined
  text: string
}

let pipeline: Promise<Pipeline> | undefined

/** One request that no SDK sends for us: proxies and redirects as in the SDKs, any status is an answer. */
export async function sendHttpRequest(http: Http, of: HttpRequest): Promise<HttpResponse> {
  const { createHttpHeaders, createPipelineFromOptions, createPipelineRequest, RestError } = await import(
    '@azure/core-rest-pipeline'
  )
  pipeline ??= Promise.resolve(
    createPipelineFromOptions({
      retryOptions: { maxRetries: 0 },
      userAgentOptions: { userAgentPrefix: 'wi-setup' },
    }),
  )
  const late = of.timeout === undefined ? undefined : AbortSignal.timeout(of.timeout)
  const request = createPipelineRequest({
    method: of.method,
    url: of.url,
    headers: createHttpHeaders(of.headers ?? {}),
    abortSignal: late ? AbortSignal.any([of.signal, late]) : of.signal,
    allowInsecureConnection: of.allowHttp ?? false,
    ...(of.body === undefined ? {} : { body: of.body }),
  })
  if (of.agent) {
    request.agent = of.agent
    useOwnAgent(request)
  }
  if (of.once) disableRetries(request)
  try {
    const answer = await (await pipeline).sendRequest(http, request)
    return {
      status: answer.status,
      header: (name) => answer.headers.get(name),
      text: answer.bodyAsText ?? '',
    }
  } catch (error) {
    if (late?.aborted && !of.signal.aborted)
      throw new RestError(`no answer within ${(of.timeout ?? 0) / 1000} seconds`, {
        code: 'ETIMEDOUT',
        request,
      })
    throw error
  }
}
