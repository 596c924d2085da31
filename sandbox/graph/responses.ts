import type { Reply } from '../http.ts'
import { badRequest, unsupportedQuery } from './errors.ts'
import { matchesFilter, parseFilter } from './filter.ts'
import { type FilterableProperties, requireFilterable } from './filterable-properties.ts'
import type { GraphCall } from './request.ts'

export type View = Record<string, unknown>

/** A collection as it can be asked for. */
export interface Collection {
  /** As in `$metadata#applications`. */
  context: string
  /** As error messages call one of its objects. */
  resource: string
  rows: View[]
  filterable?: FilterableProperties
  /** What can be filtered by but is not answered, by position. */
  hidden?: View[]
}

const base = (call: GraphCall) => `${call.simulator.addresses.graph}/${call.version}`

const selected = (call: GraphCall) =>
  (call.query('$select') ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean)

function pick(view: View, names: string[]): View {
  if (names.length === 0) return view
  const wanted = names.map((name) => name.toLowerCase())
  return Object.fromEntries(
    Object.entries(view).filter(([name]) => name.startsWith('@') || wanted.includes(name.toLowerCase())),
  )
}

const contextOf = (call: GraphCall, context: string, names: string[], single: boolean) =>
  `${base(call)}/$metadata#${context}${names.length > 0 ? `(${names.join(',')})` : ''}${single ? '/$entity' : ''}`

/** Answers one object, whole or as selected. */
export function entityReply(
  call: GraphCall,
  context: string,
  view: View,
  status = 200,
  location?: string,
): Reply {
  const names = call.method === 'GET' ? selected(call) : []
  return {
    status,
    headers: { location },
    body: { '@odata.context': contextOf(call, context, names, true), ...pick(view, names) },
  }
}

/** The address that a created object is announced at. */
export const createdLocation = (call: GraphCall, path: string) =>
  `${call.simulator.addresses.graph}/v2/${call.simulator.state.tenant.id}/${path}`

/** True for queries that ask the index: they may filter, sort and count by more. */
const isEventual = (call: GraphCall) => call.header('consistencylevel')?.toLowerCase() === 'eventual'

/** Query options that would change the answer, and that are not simulated: to ignore them would mislead. */
function requireKnown(call: GraphCall): void {
  for (const option of ['$expand', '$skip', '$apply', '$compute'])
    if (call.query(option) !== undefined)
      throw unsupportedQuery(
        `The query option '${option}' is not supported. (Graph may have it: the sandbox simulates only what wi-setup needs.)`,
      )
}

/** Answers a collection: filter, search, order, count, page and selection as the query asks. Throws 400. */
export function collectionReply(call: GraphCall, collection: Collection): Reply {
  requireKnown(call)
  const eventual = isEventual(call)
  const counted = call.query('$count') === 'true'
  const rows = sort(call, search(call, narrow(call, collection, eventual && counted)), eventual && counted)
  const asked = call.query('$top')
  const top = asked === undefined ? 100 : Number(asked)
  if (!Number.isInteger(top) || top < 1 || top > 999)
    throw unsupportedQuery(`Invalid page size specified: '${asked}'. Must be between 1 and 999 inclusive.`)
  const from = Number(Buffer.from(call.query('$skiptoken') ?? '', 'base64url').toString() || '0') || 0
  const names = selected(call)
  return {
    status: 200,
    body: {
      '@odata.context': contextOf(call, collection.context, names, false),
      ...(counted && eventual ? { '@odata.count': rows.length } : {}),
      ...(from + top < rows.length ? { '@odata.nextLink': nextLink(call, from + top) } : {}),
      value: rows.slice(from, from + top).map((row) => pick(row, names)),
    },
  }
}

/** Answers how many there are. Throws 400 without the header that asks the index. */
export function countReply(call: GraphCall, collection: Collection): Reply {
  if (!isEventual(call)) throw badRequest('$count is not currently supported.')
  return {
    status: 200,
    headers: { 'content-type': 'text/plain' },
    body: `${search(call, narrow(call, collection, true)).length}`,
  }
}

function narrow(call: GraphCall, collection: Collection, advanced: boolean): View[] {
  const text = call.query('$filter')
  if (!text) return collection.rows
  const filter = parseFilter(text)
  requireFilterable(filter, collection.filterable ?? {}, collection.resource, advanced)
  return collection.rows.filter((row, n) => matchesFilter(filter, { ...row, ...collection.hidden?.[n] }))
}

function search(call: GraphCall, rows: View[]): View[] {
  const text = call.query('$search')
  if (!text) return rows
  if (!isEventual(call))
    throw unsupportedQuery(
      "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'",
    )
  const [, property, words] = /^"?(\w+):(.*?)"?$/.exec(text) ?? []
  if (!property || words === undefined)
    throw unsupportedQuery(`Syntax error: '${text}' is not a valid $search expression.`)
  return rows.filter((row) =>
    String(row[property] ?? '')
      .toLowerCase()
      .includes(words.toLowerCase()),
  )
}

function sort(call: GraphCall, rows: View[], advanced: boolean): View[] {
  const [property, direction] = call.query('$orderby')?.trim().split(/\s+/) ?? []
  if (!property) return rows
  if (!advanced) throw unsupportedQuery('Sorting not supported for current query.')
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
