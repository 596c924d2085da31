import type { Reply } from '../../http.ts'
import { invalidQuery, resourceNotFound, StorageError } from '../errors.ts'
import { headerOf } from '../headers.ts'
import type { StorageRequest } from '../request.ts'
import type { Entity, Table } from '../state.ts'
import { readBody } from './body.ts'
import { filterOf } from './filter.ts'
import { entityView, etagOf, jsonHeaders, metadataOf, newEntityTag, propertiesOf } from './format.ts'
import { requireTable } from './tables.ts'

const maxPageSize = 1000

interface Keys {
  partitionKey: string
  rowKey: string
}

/** Returns the keys in `PartitionKey='p',RowKey='r'`. Throws 400. */
function keysOf(item: string): Keys {
  const [, partitionKey, rowKey] =
    /^PartitionKey='((?:[^']|'')*)',\s*RowKey='((?:[^']|'')*)'$/.exec(item) ?? []
  if (partitionKey === undefined || rowKey === undefined) throw invalidQuery()
  return { partitionKey: partitionKey.replaceAll("''", "'"), rowKey: rowKey.replaceAll("''", "'") }
}

const findEntity = ({ entities }: Table, { partitionKey, rowKey }: Keys): Entity | undefined =>
  entities.find((each) => each.partitionKey === partitionKey && each.rowKey === rowKey)

/** Returns the properties of a body without keys and metadata of the service. */
function customProperties(body: Record<string, unknown>): Record<string, unknown> {
  const { PartitionKey: _, RowKey: __, Timestamp: ___, ...rest } = body
  return Object.fromEntries(
    Object.entries(rest).filter(([name, value]) => !name.startsWith('odata.') && value !== null),
  )
}

const compareKeys = (a: Entity, b: Entity) =>
  a.partitionKey === b.partitionKey
    ? a.rowKey < b.rowKey
      ? -1
      : 1
    : a.partitionKey < b.partitionKey
      ? -1
      : 1

function pageSize({ call }: StorageRequest): number {
  const top = call.query('$top')
  if (top === undefined) return maxPageSize
  const size = Number(top)
  if (!Number.isInteger(size) || size < 1 || size > maxPageSize) throw invalidQuery()
  return size
}

export function queryEntities(request: StorageRequest): Reply {
  const { call, collection } = request
  const table = requireTable(request)
  const size = pageSize(request)
  const filter = call.query('$filter')
  const matches = filter ? filterOf(filter) : () => true
  const found = [...table.entities].sort(compareKeys).filter((entity) => matches(propertiesOf(entity)))
  const [nextPartition, nextRow] = [call.query('NextPartitionKey'), call.query('NextRowKey')]
  const start = found.findIndex(
    ({ partitionKey, rowKey }) => partitionKey === nextPartition && rowKey === nextRow,
  )
  const from = nextPartition === undefined ? 0 : start < 0 ? found.length : start
  const next = found[from + size]
  return {
    status: 200,
    headers: {
      ...jsonHeaders(request),
      ...(next && {
        'x-ms-continuation-nextpartitionkey': next.partitionKey,
        'x-ms-continuation-nextrowkey': next.rowKey,
      }),
    },
    body: {
      ...metadataOf(request, collection),
      value: found.slice(from, from + size).map((entity) => entityView(request, entity)),
    },
  }
}

export function getEntity(request: StorageRequest): Reply {
  const entity = findEntity(requireTable(request), keysOf(request.item))
  if (!entity) throw resourceNotFound()
  return {
    status: 200,
    headers: { ...jsonHeaders(request), etag: etagOf(entity) },
    body: { ...metadataOf(request, `${request.collection}/@Element`), ...entityView(request, entity) },
  }
}

export function insertEntity(request: StorageRequest): Reply {
  const { call, simulator, collection } = request
  const table = requireTable(request)
  const body = readBody(call)
  const { PartitionKey: partitionKey, RowKey: rowKey } = body
  if (typeof partitionKey !== 'string' || typeof rowKey !== 'string')
    throw new StorageError(
      400,
      'PropertiesNeedValue',
      'The values are not specified for all properties in the entity.',
    )
  if (findEntity(table, { partitionKey, rowKey }))
    throw new StorageError(409, 'EntityAlreadyExists', 'The specified entity already exists.')
  const now = simulator.now()
  const entity: Entity = {
    partitionKey,
    rowKey,
    changedAt: now,
    etag: newEntityTag(now),
    properties: customProperties(body),
  }
  table.entities.push(entity)
  if (headerOf(call, 'prefer') === 'return-no-content')
    return { status: 204, headers: { etag: etagOf(entity), 'preference-applied': 'return-no-content' } }
  return {
    status: 201,
    headers: { ...jsonHeaders(request), etag: etagOf(entity) },
    body: { ...metadataOf(request, `${collection}/@Element`), ...entityView(request, entity) },
  }
}

/** Replaces or merges an entity. Without `If-Match` it is created if it doesn't exist. */
const write =
  (merge: boolean) =>
  (request: StorageRequest): Reply => {
    const { call, simulator, item } = request
    const table = requireTable(request)
    const keys = keysOf(item)
    const properties = customProperties(readBody(call))
    const existing = findEntity(table, keys)
    requireMatch(request, existing)
    const now = simulator.now()
    const entity = existing ?? { ...keys, changedAt: now, etag: '', properties: {} }
    Object.assign(entity, {
      changedAt: now,
      etag: newEntityTag(now),
      properties: merge ? { ...entity.properties, ...properties } : properties,
    })
    if (!existing) table.entities.push(entity)
    return { status: 204, headers: { etag: etagOf(entity) } }
  }

function requireMatch({ call }: StorageRequest, entity: Entity | undefined): void {
  const match = headerOf(call, 'if-match')
  if (match === undefined) return
  if (!entity) throw resourceNotFound()
  if (match !== '*' && match !== etagOf(entity))
    throw new StorageError(
      412,
      'UpdateConditionNotSatisfied',
      'The update condition specified in the request was not satisfied.',
    )
}

export const replaceEntity = write(false)
export const mergeEntity = write(true)

export function deleteEntity(request: StorageRequest): Reply {
  const table = requireTable(request)
  const entity = findEntity(table, keysOf(request.item))
  if (!entity) throw resourceNotFound()
  requireMatch(request, entity)
  table.entities = table.entities.filter((each) => each !== entity)
  return { status: 204 }
}
