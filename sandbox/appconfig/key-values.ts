import type { Reply } from '../http.ts'
import { ownOrNew, ownProperty } from '../own-property.ts'
import { problem } from './errors.ts'
import type { StoreRequest } from './request.ts'
import type { KeyValue } from './state.ts'

const pageSize = 100

/** `\0` in a query stands for no label. */
const labelOf = (text: string | undefined) =>
  text === undefined || text === '\0' || text === '' ? null : text
const idOf = (key: string, label: string | null) => JSON.stringify([key, label])

const keyValuesOf = ({ simulator, store }: StoreRequest): Record<string, KeyValue> =>
  ownOrNew(simulator.state.appConfig, store.body.name.toLowerCase(), () => ({}))

const view = ({ changedAt, contentType, ...rest }: KeyValue) => ({
  ...rest,
  content_type: contentType,
  locked: false,
  last_modified: new Date(changedAt).toISOString().replace(/\.\d+Z$/, '+00:00'),
})

const single = (found: KeyValue): Reply => ({
  status: 200,
  headers: {
    'content-type': 'application/vnd.microsoft.appconfig.kv+json; charset=utf-8',
    etag: `"${found.etag}"`,
    'last-modified': new Date(found.changedAt).toUTCString(),
  },
  body: view(found),
})

/** Returns whether a text matches a filter: alternatives, each of which may end with `*`. */
function matches(filter: string | undefined, text: string | null): boolean {
  if (filter === undefined || filter === '*') return true
  return filter.split(',').some((each) => {
    if (text === null) return labelOf(each) === null
    return each.endsWith('*') ? text.startsWith(each.slice(0, -1)) : each === text
  })
}

export function listKeyValues(request: StoreRequest): Reply {
  const { call } = request
  const found = Object.values(keyValuesOf(request))
    .filter(({ key, label }) => matches(call.query('key'), key) && matches(call.query('label'), label))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
  return page(request, 'kvset', found.map(view))
}

/** Lists the keys, or the labels, of the key-values. */
export const listNames =
  (member: 'key' | 'label') =>
  (request: StoreRequest): Reply => {
    const filter = request.call.query('name')
    const names = [...new Set(Object.values(keyValuesOf(request)).map((each) => each[member]))]
    const items = names.filter((name) => matches(filter, name)).map((name) => ({ name }))
    return page(request, `${member}set`, items)
  }

function page({ call }: StoreRequest, kind: string, items: unknown[]): Reply {
  const from = Number(Buffer.from(call.query('after') ?? '', 'base64url').toString() || '0') || 0
  const next = new URL(call.url)
  for (const key of [...next.searchParams.keys()])
    if (key.toLowerCase() === 'after') next.searchParams.delete(key)
  next.searchParams.set('After', Buffer.from(String(from + pageSize)).toString('base64url'))
  return {
    status: 200,
    headers: { 'content-type': `application/vnd.microsoft.appconfig.${kind}+json; charset=utf-8` },
    body: {
      items: items.slice(from, from + pageSize),
      ...(from + pageSize < items.length && { '@nextLink': `${next.pathname}${next.search}` }),
    },
  }
}

/** Throws 412 unless the `If-Match` and `If-None-Match` headers agree with the current state. */
function requireConditions({ call }: StoreRequest, current: KeyValue | undefined): void {
  const agrees = (header: string | undefined) =>
    current !== undefined && (header === '*' || header?.replaceAll('"', '') === current.etag)
  const { 'if-match': match, 'if-none-match': noneMatch } = call.headers
  if ((match === undefined || agrees(match)) && (noneMatch === undefined || !agrees(noneMatch))) return
  throw problem(412, 'precondition-failed', 'The condition of the request is not met')
}

export function getKeyValue(request: StoreRequest): Reply {
  const { call, params } = request
  const found = ownProperty(keyValuesOf(request), idOf(params.key!, labelOf(call.query('label'))))
  if (!found) return { status: 404 }
  if (call.headers['if-none-match']?.replaceAll('"', '') === found.etag) return { status: 304 }
  return single(found)
}

export function putKeyValue(request: StoreRequest): Reply {
  const { call, params, simulator } = request
  const { value, content_type, tags } = call.json<{
    value?: string | null
    content_type?: string | null
    tags?: Record<string, string>
  }>()
  if ((value ?? '') !== String(value ?? ''))
    throw problem(400, 'invalid-argument', "Invalid request parameter 'value'", { name: 'value' })
  const label = labelOf(call.query('label'))
  const id = idOf(params.key!, label)
  requireConditions(request, ownProperty(keyValuesOf(request), id))
  const keyValue: KeyValue = {
    key: params.key!,
    label,
    value: value ?? null,
    contentType: content_type ?? null,
    tags: tags ?? {},
    etag: crypto.randomUUID().replaceAll('-', ''),
    changedAt: simulator.now(),
  }
  keyValuesOf(request)[id] = keyValue
  return single(keyValue)
}

export function deleteKeyValue(request: StoreRequest): Reply {
  const { call, params } = request
  const id = idOf(params.key!, labelOf(call.query('label')))
  const current = ownProperty(keyValuesOf(request), id)
  if (!current) return { status: 204 }
  requireConditions(request, current)
  delete keyValuesOf(request)[id]
  return single(current)
}
