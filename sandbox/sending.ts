import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Reply, Streamed } from './http.ts'

export async function stream(response: ServerResponse, { status, headers, body }: Reply): Promise<void> {
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  response.writeHead(status, headers as Record<string, string>)
  response.flushHeaders()
  // Who reads slowly is waited for; who has gone ends it.
  for await (const part of (body as Streamed)(gone.signal))
    if (!response.write(part)) await once(response, 'drain', { signal: gone.signal }).catch(() => {})
  response.end()
}

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
  if (reply.torn && !headOnly) {
    const bytes = Buffer.from(text)
    response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy())
    return
  }
  response.end(headOnly ? undefined : text)
}
