import type { CallerClaims } from '../entra/access-tokens.ts'
import { isGuid } from '../guid.ts'
import type { Reply } from '../http.ts'
import type { Simulator } from '../simulator.ts'
import { badRequest, GraphError } from './errors.ts'

/** A request to Graph, sent alone or in a batch. */
export interface GraphCall {
  method: string
  version: string
  /** Decoded segments below the version. */
  segments: string[]
  /** Parameters of the route. */
  params: Record<string, string>
  /** Full URL, for `@odata.nextLink`. */
  url: URL
  query(name: string): string | undefined
  header(name: string): string | undefined
  /** The body as a JSON object. Throws 400. */
  body(): Record<string, unknown>
  caller: CallerClaims
  simulator: Simulator
  /** Runs another request of the same caller, for batches. Errors are returned as replies. */
  dispatch(call: GraphCall): Promise<Reply>
}

/** The key of an object: `x` and `('x')` by ID, `(appId='x')` by another property (in lower case). */
export interface Key {
  by: string
  value: string
}

const keyedSegment = /^(\w[\w.]*)(\((?:\w+=)?'(?:[^']|'')*'\))$/
const parenthesizedKey = /^\((?:(\w+)=)?'((?:[^']|'')*)'\)$/

/** Returns the path that `routes.ts` matches: `applications(appId='x')` becomes `/applications/(appId='x')`. */
export const toRoutePath = (segments: string[]): string =>
  segments
    .flatMap((segment) => keyedSegment.exec(segment)?.slice(1) ?? [segment])
    .map((part) => `/${part.replaceAll('%', '%25').replaceAll('/', '%2F')}`)
    .join('')

/** Returns a key of the path: by default that of its first collection. */
export function keyOf(call: GraphCall, param = 'key'): Key {
  const text = call.params[param] ?? ''
  const [, by = 'id', value] = parenthesizedKey.exec(text) ?? []
  return value === undefined
    ? { by: 'id', value: text }
    : { by: by.toLowerCase(), value: value.replaceAll("''", "'") }
}

/** Returns the body if it is a JSON object. Throws 400 otherwise. */
export function requireJsonObject(body: unknown): Record<string, unknown> {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new GraphError(
      400,
      'BadRequest',
      'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.',
    )
  return body as Record<string, unknown>
}

/** True for `Prefer: create-if-missing`: an update creates a missing object. */
export const prefersCreateIfMissing = (call: GraphCall) =>
  /(^|[,;\s])create-if-missing($|[,;\s])/i.test(call.header('prefer') ?? '')

export const equalsIgnoreCase = (a: unknown, b: string) =>
  typeof a === 'string' && a.toLowerCase() === b.toLowerCase()

/** Throws 400 unless the value is a GUID. */
export function requireGuid(value: unknown): void {
  if (!isGuid(value))
    throw badRequest(
      `Invalid object identifier '${typeof value === 'string' ? value : JSON.stringify(value)}'.`,
    )
}
