import type { Call } from '../http.ts'
import { invalidQuery, StorageError } from './errors.ts'

const maxPageSize = 5000

/** Returns one page of a sorted list and the marker of the next, which is the name of its first item. */
export function pageOf<T>(
  call: Call,
  items: readonly T[],
  nameOf: (item: T) => string,
): { page: T[]; nextMarker: string | undefined } {
  const maxResults = call.query('maxresults')
  const size = maxResults === undefined ? maxPageSize : Number(maxResults)
  if (!Number.isInteger(size)) throw invalidQuery()
  if (size < 1)
    throw new StorageError(
      400,
      'OutOfRangeQueryParameterValue',
      'One of the query parameters specified in the request URI is outside the permissible range.',
    )
  const marker = call.query('marker') ?? ''
  const start = marker === '' ? 0 : items.findIndex((item) => nameOf(item) >= marker)
  const from = start < 0 ? items.length : start
  const to = from + Math.min(size, maxPageSize)
  const next = items[to]
  return { page: items.slice(from, to), nextMarker: next === undefined ? undefined : nameOf(next) }
}
