import type { PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline'
import type { ArmContext } from './arm-context.ts'

interface Sender {
  sendRequest(request: PipelineRequest): Promise<PipelineResponse>
}

/** All items of a list that no SDK here has a call for; `path` with its api-version, `what` for the error. */
export async function listAllPages<T>(
  arm: ArmContext,
  sender: Sender,
  what: string,
  path: string,
): Promise<T[]> {
  const { createHttpHeaders, createPipelineRequest, RestError } = await import('@azure/core-rest-pipeline')
  const found: T[] = []
  let url: string | undefined = `${arm.cloud.arm}${path}`
  while (url) {
    const request = createPipelineRequest({
      url,
      headers: createHttpHeaders({ accept: 'application/json' }),
      abortSignal: arm.signal,
    })
    const answer = await sender.sendRequest(request)
    if (answer.status !== 200)
      throw new RestError(what, { statusCode: answer.status, request, response: answer })
    const page = JSON.parse(answer.bodyAsText ?? '{}') as { value?: T[]; nextLink?: string | null }
    found.push(...(page.value ?? []))
    url = page.nextLink || undefined
  }
  return found
}
