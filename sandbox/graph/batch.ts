import type { Reply } from '../http.ts'
import { GraphError } from './errors.ts'
import { type GraphCall, requireJsonObject } from './request.ts'

const maxRequests = 20

interface Item {
  id: string
  method: string
  url: string
  headers?: Record<string, string>
  body?: unknown
  dependsOn?: string[]
}

const malformed = (message: string) => new GraphError(400, 'BadRequest', message)

function requireItems(requests: unknown): Item[] {
  if (!Array.isArray(requests) || requests.length === 0) throw malformed('Invalid batch payload format.')
  if (requests.length > maxRequests)
    throw malformed(`Number of batch request steps exceeds the maximum value of ${maxRequests}.`)
  const earlierIds = new Set<string>()
  for (const each of requests) {
    const { id, method, url, headers, body, dependsOn = [] } = requireJsonObject(each) as unknown as Item
    const isText = [id, method, url].every((part) => typeof part === 'string')
    if (!isText || !Array.isArray(dependsOn) || typeof (headers ?? {}) !== 'object')
      throw malformed('Invalid batch payload format.')
    if (earlierIds.has(id)) throw malformed(`Request Id ${id} has to be unique in a batch.`)
    if (dependsOn.some((dependency) => !earlierIds.has(dependency)))
      throw malformed(`The request with id ${id} depends on a request that does not precede it.`)
    earlierIds.add(id)
    const typed = Object.keys(headers ?? {}).some((name) => name.toLowerCase() === 'content-type')
    if (body !== undefined && !typed)
      throw malformed(
        `Request with id ${id} has a body but no Content-Type header. Write request id: ${id} does not contain Content-Type header or body.`,
      )
  }
  return requests as Item[]
}

/** Converts a batch item to a separate request. */
function toGraphCall(call: GraphCall, item: Item): GraphCall {
  const url = new URL(`${call.simulator.addresses.graph}/${call.version}/${item.url.replace(/^\/+/, '')}`)
  const root = new URL(`${call.simulator.addresses.graph}/${call.version}/`).pathname
  const query = new Map([...url.searchParams].map(([name, value]) => [name.toLowerCase(), value]))
  const headers = new Map(
    Object.entries(item.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  )
  return {
    ...call,
    method: item.method.toUpperCase(),
    segments: url.pathname.slice(root.length).split('/').filter(Boolean).map(decodeURIComponent),
    url,
    query: (name) => query.get(name.toLowerCase()),
    header: (name) => headers.get(name.toLowerCase()),
    body: () => requireJsonObject(item.body ?? {}),
  }
}

/** Runs the requests of a batch in order. A request fails with 424 if one that it depends on failed. */
export async function batch(call: GraphCall): Promise<Reply> {
  const failed = new Set<string>()
  const responses: unknown[] = []
  for (const item of requireItems(call.body().requests)) {
    const { id, dependsOn = [] } = item
    const reply: Reply = dependsOn.some((dependency) => failed.has(dependency))
      ? { status: 424, body: { error: { code: 'FailedDependency', message: 'Failed Dependency' } } }
      : await call.dispatch(toGraphCall(call, item))
    if (reply.status >= 400) failed.add(id)
    // The batch itself does not count as a write.
    else if (item.method.toUpperCase() !== 'GET') call.simulator.markChanged()
    const { 'content-type': type = 'application/json', location } = reply.headers ?? {}
    const headers = {
      ...(location ? { Location: location } : {}),
      'Cache-Control': 'no-cache',
      ...(reply.body === undefined ? {} : { 'Content-Type': type }),
    }
    responses.push({
      id,
      status: reply.status,
      headers,
      ...(reply.body === undefined ? {} : { body: reply.body }),
    })
  }
  return { status: 200, body: { responses } }
}
