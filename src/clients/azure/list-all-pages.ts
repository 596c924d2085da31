import type { PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline'
import { makeListLimit } from '../list-limit.ts'
import type { ArmContext } from './arm-context.ts'

interface Sender {
  sendRequest(request: PipelineRequest): Promise<PipelineResponse>
}

/** Returns all items of a list that the SDKs have no method for. `path` includes the api-version. */
export async function listAllPages<T>(arm: ArmContext, sender: Sender, path: string): Promise<T[]> {
  const { createHttpHeaders, createPipelineRequest, RestError } = await import('@azure/core-rest-pipeline')
  const items: T[] = []
  const limit = makeListLimit('arm', path)
  let url: string | undefined = `${arm.cloud.arm}${path}`
  while (url) {
    const request = createPipelineRequest({
      url,
      headers: createHttpHeaders({ accept: 'application/json' }),
      abortSignal: arm.signal,
    })
    const response = await sender.sendRequest(request)
    if (response.status !== 200)
      throw new RestError(`GET ${path} failed`, { statusCode: response.status, request, response })
    const page = JSON.parse(response.bodyAsText ?? '{}') as { value?: T[]; nextLink?: string | null }
    limit(page.value?.length ?? 0)
    items.push(...(page.value ?? []))
    url = page.nextLink || undefined
  }
  return items
}
