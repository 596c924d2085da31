import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Reply, StreamedBody } from '../http.ts'

/** Sends a streamed body part by part. */
export async function stream(response: ServerResponse, { status, headers, body }: Reply): Promise<void> {
  const disconnected = new AbortController()
  response.on('close', () => disconnected.abort())
  response.writeHead(status, headers as Record<string, string>)
  response.flushHeaders()
  // Wait for a slow reader, and stop when the client disconnects.
  for await (const part of (body as StreamedBody)(disconnected.signal))
    if (!response.write(part)) await once(response, 'drain', { signal: disconnected.signal }).catch(() => {})
  response.end()
}

/** Sends a complete reply. `headOnly` omits the body, as for HEAD. */
export function send(response: ServerResponse, reply: Reply, headOnly = false): void {
  const isText = typeof reply.body === 'string' || Buffer.isBuffer(reply.body)
  const text =
    reply.body === undefined ? '' : isText ? (reply.body as string | Buffer) : JSON.stringify(reply.body)
  for (const [name, value] of Object.entries(reply.headers ?? {}))
    if (value !== undefined) response.setHeader(name, value)
  if (reply.body !== undefined && !response.hasHeader('content-type'))
    response.setHeader('content-type', 'application/json; charset=utf-8')
  response.statusCode = reply.status
  if (reply.status !== 204 && reply.status !== 304)
    response.setHeader('content-length', Buffer.byteLength(text))
  if (reply.truncated && !headOnly) {
    const bytes = Buffer.from(text)
    response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy())
    return
  }
  response.end(headOnly ? undefined : text)
}
