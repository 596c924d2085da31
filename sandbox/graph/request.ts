import type { CallerClaims } from '../entra/access-tokens.ts'
import type { Simulator } from '../simulator.ts'
import { badRequest, GraphError } from './errors.ts'

/** A request to Graph, sent alone or in a batch. */
export interface GraphCall {
  method: string
  version: string
  /** Decoded segments below the version. */
  segments: string[]
  /** Full URL, for `@odata.nextLink`. */
  url: URL
  query(name: string): string | undefined
  header(name: string): string | undefined
  /** The body as a JSON object. Throws 400. */
  body(): Record<string, unknown>
  caller: CallerClaims
  simulator: Simulator
}

/** A parsed path: `applications`, `applications/x` or `applications(appId='x')`. */
export interface ODataPath {
  collection: string
  key?: { by: string; value: string }
  rest: string[]
}

const keyed = /^(\w[\w.]*)\((?:(\w+)=)?'((?:[^']|'')*)'\)$/

/** Parses the first collection of a path and its key. */
export function parsePath([first = '', ...rest]: string[]): ODataPath {
  const match = keyed.exec(first)
  if (match)
    return {
      collection: match[1]!.toLowerCase(),
      key: { by: (match[2] ?? 'id').toLowerCase(), value: match[3]!.replaceAll("''", "'") },
      rest,
    }
  const [id, ...more] = rest
  const collection = first.toLowerCase()
  return id === undefined || id.startsWith('$')
    ? { collection, rest }
    : { collection, key: { by: 'id', value: id }, rest: more }
}

/** Returns the body if it is a JSON object. Throws 400 otherwise. */
export function requireObject(body: unknown): Record<string, unknown> {
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

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Throws 400 unless the value is a GUID. */
export function requireGuid(value: unknown): void {
  if (typeof value !== 'string' || !guid.test(value))
    throw badRequest(
      `Invalid object identifier '${typeof value === 'string' ? value : JSON.stringify(value)}'.`,
    )
}
