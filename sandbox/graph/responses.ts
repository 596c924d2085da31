import type { Reply } from '../http.ts'
import { badRequest, unsupportedQuery } from './errors.ts'
import { matchesFilter } from './filter.ts'
import { parseFilter } from './filter-parser.ts'
import { type FilterableProperties, requireFilterable } from './filterable-properties.ts'
import type { GraphCall } from './request.ts'

export type View = Record<string, unknown>

/** A collection that a request can filter, sort and page. */
export interface Collection {
  /** The part of `@odata.context` after `$metadata#`. */
  context: string
  /** Type name in error messages. */
  resource: string
  rows: View[]
  filterable?: FilterableProperties
  /** Properties that only filters see, by row index. */
  hidden?: View[]
}

const baseUrl = (call: GraphCall) => `${call.simulator.addresses.graph}/${call.version}`

const selectedNames = (call: GraphCall) =>
  (call.query('$select') ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean)

function select(view: View, names: string[]): View {
  if (names.length === 0) return view
  const wanted = names.map((name) => name.toLowerCase())
  return Object.fromEntries(
    Object.entries(view).filter(([name]) => name.startsWith('@') || wanted.includes(name.toLowerCase())),
  )
}

const contextUrl = (call: GraphCall, context: string, names: string[], isSingle: boolean) =>
  `${baseUrl(call)}/$metadata#${context}${names.length > 0 ? `(${names.join(',')})` : ''}${isSingle ? '/$entity' : ''}`

/** Returns one object, reduced to `$select`. */
export function entityReply(
  call: GraphCall,
  context: string,
  view: View,
  status = 200,
  location?: string,
): Reply {
  const names = call.method === 'GET' ? selectedNames(call) : []
  return {
    status,
    headers: { location },
    body: { '@odata.context': contextUrl(call, context, names, true), ...select(view, names) },
  }
}

/** Returns the `Location` of a created object. */
export const createdLocation = (call: GraphCall, path: string) =>
  `${call.simulator.addresses.graph}/v2/${call.simulator.state.tenant.id}/${path}`

/** True for advanced queries, which can filter, sort and count by more properties. */
const isEventual = (call: GraphCall) => call.header('consistencylevel')?.toLowerCase() === 'eventual'

/** Rejects query options that are not simulated but would change the result. */
function rejectUnsupportedOptions(call: GraphCall): void {
  for (const option of ['$expand', '$skip', '$apply', '$compute'])
    if (call.query(option) !== undefined)
      throw unsupportedQuery(
        `The query option '${option}' is not supported. (Microsoft Graph may support it. The sandbox simulates only part of Graph.)`,
      )
}

/** Returns a page of the collection, filtered, sorted and selected as requested. Throws 400. */
export function collectionReply(call: GraphCall, collection: Collection): Reply {
  rejectUnsupportedOptions(call)
  const isEventualQuery = isEventual(call)
  const withCount = call.query('$count') === 'true'
  const rows = applyOrder(
    call,
    applySearch(call, applyFilter(call, collection, isEventualQuery && withCount)),
    isEventualQuery && withCount,
  )
  const requestedTop = call.query('$top')
  const top = requestedTop === undefined ? 100 : Number(requestedTop)
  if (!Number.isInteger(top) || top < 1 || top > 999)
    throw unsupportedQuery(
      `Invalid page size specified: '${requestedTop}'. Must be between 1 and 999 inclusive.`,
    )
  const from = Number(Buffer.from(call.query('$skiptoken') ?? '', 'base64url').toString() || '0') || 0
  const names = selectedNames(call)
  return {
    status: 200,
    body: {
      '@odata.context': contextUrl(call, collection.context, names, false),
      ...(withCount && isEventualQuery ? { '@odata.count': rows.length } : {}),
      ...(from + top < rows.length ? { '@odata.nextLink': nextLink(call, from + top) } : {}),
      value: rows.slice(from, from + top).map((row) => select(row, names)),
    },
  }
}

/** Returns the number of objects. Throws 400 unless the request is an advanced query. */
export function countReply(call: GraphCall, collection: Collection): Reply {
  if (!isEventual(call)) throw badRequest('$count is not currently supported.')
  return {
    status: 200,
    headers: { 'content-type': 'text/plain' },
    body: `${applySearch(call, applyFilter(call, collection, true)).length}`,
  }
}

function applyFilter(call: GraphCall, collection: Collection, isAdvanced: boolean): View[] {
  const text = call.query('$filter')
  if (!text) return collection.rows
  const filter = parseFilter(text)
  requireFilterable(filter, collection.filterable ?? {}, collection.resource, isAdvanced)
  return collection.rows.filter((row, n) => matchesFilter(filter, { ...row, ...collection.hidden?.[n] }))
}

function applySearch(call: GraphCall, rows: View[]): View[] {
  const expression = call.query('$search')
  if (!expression) return rows
  if (!isEventual(call))
    throw unsupportedQuery(
      "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'",
    )
  const [, property, text] = /^"?(\w+):(.*?)"?$/.exec(expression) ?? []
  if (!property || text === undefined)
    throw unsupportedQuery(`Syntax error: '${expression}' is not a valid $search expression.`)
  return rows.filter((row) =>
    String(row[property] ?? '')
      .toLowerCase()
      .includes(text.toLowerCase()),
  )
}

function applyOrder(call: GraphCall, rows: View[], isAdvanced: boolean): View[] {
  const [property, direction] = call.query('$orderby')?.trim().split(/\s+/) ?? []
  if (!property) return rows
  if (!isAdvanced) throw unsupportedQuery('Sorting not supported for current query.')
  const sign = direction?.toLowerCase() === 'desc' ? -1 : 1
  const key = (row: View) => String(row[property] ?? '').toLowerCase()
  return [...rows].sort((a, b) => sign * key(a).localeCompare(key(b)))
}

function nextLink(call: GraphCall, from: number): string {
  const url = new URL(call.url)
  url.searchParams.delete('$skiptoken')
  url.searchParams.append('$skiptoken', Buffer.from(`${from}`).toString('base64url'))
  return url.href.replaceAll('%24', '$')
}
