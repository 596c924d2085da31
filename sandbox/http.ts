import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'

/** One request as the simulated services see it. */
export interface Call {
  method: string
  /** Path within the service: `//` collapsed, no trailing slash unless `/`, still percent-encoded. */
  path: string
  /** Decoded segments of `path`, in the caller's own case. */
  segments: string[]
  /** The URL exactly as requested, for `nextLink` and `Location`. */
  url: URL
  /** Name of the service. */
  service: string
  /** The resource in the host name, lower-case: `shop` of `shop.vault.localhost`. */
  resource?: string
  headers: IncomingMessage['headers']
  body: Buffer
  clientAddress: string
  /** Returns a query value; keys are compared without case. */
  query(name: string): string | undefined
  /** Returns the body as JSON, `{}` if it is empty. Throws `InvalidBodyError` if it is not JSON. */
  json<T = Record<string, unknown>>(): T
  form(): URLSearchParams
}

export interface Reply {
  status: number
  headers?: Record<string, string | undefined>
  /** Objects are sent as JSON, strings and buffers as they are, a `StreamedBody` in parts. */
  body?: unknown
  /** Closes the connection after half of the body. */
  truncated?: true
  /** Takes over the connection of a client that asks for another protocol. */
  upgrade?: (connection: Connection) => void
}

/** A connection whose client asks for another protocol, and what the client has sent after the request. */
export interface Connection {
  request: IncomingMessage
  socket: Socket
  head: Buffer
}

/** A body that is sent in parts until it ends or the client disconnects. */
export type StreamedBody = (disconnected: AbortSignal) => AsyncIterable<string>

/** The request body is not JSON. */
export class InvalidBodyError extends Error {}

export const maxBody = 4 * 1024 * 1024
const inflate = promisify(gunzip)

/** Reads and decompresses a request body; stops reading at `maxBody`. */
export async function readBody(request: IncomingMessage): Promise<Buffer | 'tooLarge' | 'badEncoding'> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request) {
    size += (part as Buffer).length
    if (size > maxBody) return 'tooLarge'
    parts.push(part as Buffer)
  }
  const raw = Buffer.concat(parts)
  const encoding = request.headers['content-encoding']?.toLowerCase()
  if (!encoding || encoding === 'identity' || raw.length === 0) return raw
  if (encoding !== 'gzip') return 'badEncoding'
  try {
    return await inflate(raw, { maxOutputLength: maxBody })
  } catch {
    return 'badEncoding'
  }
}

const decode = (text: string) => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

export const collapseSlashes = (path: string) => path.replace(/\/{2,}/g, '/')

/** Returns a request as its service sees it. */
export function createCall(
  request: IncomingMessage,
  url: URL,
  target: { service: string; path: string; resource?: string },
  body: Buffer,
): Call {
  const path = target.path.length > 1 ? target.path.replace(/\/+$/, '') || '/' : target.path
  const query = new Map([...url.searchParams].map(([key, value]) => [key.toLowerCase(), value]))
  return {
    method: request.method ?? 'GET',
    path,
    segments: path.split('/').filter(Boolean).map(decode),
    url,
    service: target.service,
    ...(target.resource === undefined ? {} : { resource: target.resource }),
    headers: request.headers,
    body,
    clientAddress: request.socket.remoteAddress?.replace(/^::ffff:/, '') ?? '',
    query: (name) => query.get(name.toLowerCase()),
    json<T>() {
      if (body.length === 0) return {} as T
      try {
        return JSON.parse(body.toString('utf8').replace(/^\uFEFF/, '')) as T
      } catch {
        throw new InvalidBodyError('The body is not JSON.')
      }
    },
    form: () => new URLSearchParams(body.toString('utf8')),
  }
}
