import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { Target } from './addresses.ts'

/** One request as the simulated services see it. */
export interface Call {
  method: string
  /** Path within the role: `//` collapsed, no trailing slash unless `/`, still percent-encoded. */
  path: string
  /** Decoded segments of `path`, in the caller's own case. */
  segments: string[]
  /** The address exactly as asked, for `nextLink` and `Location`. */
  url: URL
  role: Target['role']
  vault?: string
  headers: IncomingMessage['headers']
  body: Buffer
  clientAddress: string
  /** Query value by key, keys decoded and compared without case. */
  query(name: string): string | undefined
  /** The body as JSON; throws `BadBody` if it is none. `{}` when empty. */
  json<T = Record<string, unknown>>(): T
  form(): URLSearchParams
}

export interface Reply {
  status: number
  headers?: Record<string, string | undefined>
  /** Objects are sent as JSON, strings as they are, `Streamed` as it comes. */
  body?: unknown
  /** The connection ends after half of the body. */
  torn?: true
}

/** A body that is told bit by bit, until it ends or the client is gone. */
export type Streamed = (gone: AbortSignal) => AsyncIterable<string>

export class InvalidBodyError extends Error {}

export const maxBody = 4 * 1024 * 1024
const inflate = promisify(gunzip)

/** Reads a body to its end; `tooLarge` stops at the limit. A gzip body is unpacked, as the services do. */
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

export const collapse = (path: string) => path.replace(/\/{2,}/g, '/')

export function makeCall(request: IncomingMessage, url: URL, to: Target, body: Buffer): Call {
  const path = to.path.length > 1 ? to.path.replace(/\/+$/, '') || '/' : to.path
  const query = new Map([...url.searchParams].map(([key, value]) => [key.toLowerCase(), value]))
  return {
    method: request.method ?? 'GET',
    path,
    segments: path.split('/').filter(Boolean).map(decode),
    url,
    role: to.role,
    ...(to.vault === undefined ? {} : { vault: to.vault }),
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
