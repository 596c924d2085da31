import type { CallerClaims } from '../entra/access-tokens.ts'
import type { Simulator } from '../simulator.ts'
import { badRequest, GraphError } from './errors.ts'

/** One request to Graph, alone or out of a batch. */
export interface GraphCall {
  method: string
  version: string
  /** Decoded segments below the version. */
  segments: string[]
  /** The full address, for `@odata.nextLink`. */
  url: URL
  query(name: string): string | undefined
  header(name: string): string | undefined
  /** The body as a JSON object. Throws 400. */
  body(): Record<string, unknown>
  caller: CallerClaims
  simulator: Simulator
}

/** What a path names: `applications(appId='x')`, `applications/x`, or the whole collection. */
export interface ODataPath {
  collection: string
  key?: { by: string; value: string }
  rest: string[]
}

const keyed = /^(\w[\w.]*)\((?:(\w+)=)?'((?:[^']|'')*)'\)$/

/** Takes the first collection and its key off a path. */
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

/** Checks a parsed body. Throws 400 unless it is an object. */
export function requireObject(body: unknown): Record<string, unknown> {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new GraphError(
      400,
      'BadRequest',
      'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.',
    )
  return body as Record<string, unknown>
}

/** True if the client asked to create what an update does not find. */
export const prefersCreateIfMissing = (call: GraphCall) =>
  /(^|[,;\s])create-if-missing($|[,;\s])/i.test(call.header('prefer') ?? '')

export const equalsIgnoreCase = (a: unknown, b: string) =>
  typeof a === 'string' && a.toLowerCase() === b.toLowerCase()

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Checks the shape of an object id. Throws 400. */
export function requireGuid(value: unknown): void {
  if (typeof value !== 'string' || !guid.test(value))
    throw badRequest(
      `Invalid object identifier '${typeof value === 'string' ? value : JSON.stringify(value)}'.`,
    )
}
