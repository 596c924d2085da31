import type { Client } from '@microsoft/microsoft-graph-client'
import { guard, undefinedIfNotFound } from '../errors.ts'
import { lazy } from '../lazy.ts'
import { makeListLimit } from '../list-limit.ts'
import { type GraphOptions, makeGraphClient } from './graph-client.ts'

type Request = ReturnType<Client['api']>

interface Page<T> {
  value: T[]
  '@odata.nextLink'?: string
}

/** The requests that the directory client sends. */
export interface GraphRequests {
  /** Calls the API and throws `ServiceError`. */
  call<T>(path: string, send: (request: Request) => Promise<T>): Promise<T>
  get<T>(path: string): Promise<T | undefined>
  /** Returns the items of all pages. */
  list<T>(path: string, options?: { headers?: Record<string, string>; version?: 'beta' }): Promise<T[]>
  post(path: string, body: object): Promise<void>
  /** Deletes an object, which may already be deleted. */
  remove(path: string): Promise<void>
}

export function makeGraphRequests(options: GraphOptions): GraphRequests {
  const client = lazy(() => makeGraphClient(options))
  const guarded = guard('graph', options.signal)
  const call: GraphRequests['call'] = (path, send) => guarded(async () => send((await client()).api(path)))
  return {
    call,
    get: <T>(path: string) => undefinedIfNotFound(call<T>(path, (request) => request.get())),
    async list<T>(path: string, { headers = {}, version = 'v1.0' } = {}) {
      const items: T[] = []
      const limit = makeListLimit('graph', path.replace(/\?.*/s, ''))
      for (let next: string | undefined = path; next; ) {
        // The link to another page is a complete URL, which has the version.
        const withVersion = (request: Request) => (next === path ? request.version(version) : request)
        const page: Page<T> = await call(next, (request) => withVersion(request).headers(headers).get())
        limit(page.value.length)
        items.push(...page.value)
        next = page['@odata.nextLink']
      }
      return items
    },
    async post(path, body) {
      await call(path, (request) => request.post(body))
    },
    async remove(path) {
      await undefinedIfNotFound(call(path, (request) => request.delete()))
    },
  }
}

/** Returns an OData string literal, encoded for a URL. */
export const literal = (text: string): string => `'${encodeURIComponent(text.replaceAll("'", "''"))}'`
