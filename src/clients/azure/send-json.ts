import type { PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline'
import type { ArmContext } from './arm-context.ts'

/** A client of an SDK, which signs in and retries. */
export interface Sender {
  sendRequest(request: PipelineRequest): Promise<PipelineResponse>
}

/** Sends a request that the SDKs have no method for. Returns the body of a response of status 200; throws `RestError`. */
export async function sendJson<T>(
  arm: ArmContext,
  sender: Sender,
  { method = 'GET', url, body }: { method?: 'GET' | 'POST'; url: string; body?: object },
): Promise<T> {
  const { createHttpHeaders, createPipelineRequest, RestError } = await import('@azure/core-rest-pipeline')
  const request = createPipelineRequest({
    method,
    url,
    headers: createHttpHeaders({
      accept: 'application/json',
      ...(body ? { 'content-type': 'application/json' } : {}),
    }),
    ...(body ? { body: JSON.stringify(body) } : {}),
    abortSignal: arm.signal,
  })
  const response = await sender.sendRequest(request)
  if (response.status !== 200)
    throw new RestError(`${method} ${url} failed`, { statusCode: response.status, request, response })
  return JSON.parse(response.bodyAsText ?? '{}') as T
}
