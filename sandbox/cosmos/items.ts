import type { Resource } from '../arm/state.ts'
import type { Call, Reply } from '../http.ts'
import { ownOrNew, ownProperty } from '../own-property.ts'
import { badRequest, notFound, rejected } from './errors.ts'
import { requireContainer } from './metadata.ts'
import { matchingItems, queryPlan } from './query.ts'
import type { CosmosRequest } from './request.ts'
import type { ContainerItems, Item } from './state.ts'

const isSet = (call: Call, header: string) => String(call.headers[header] ?? '').toLowerCase() === 'true'

export const isQuery = (call: Call) =>
  isSet(call, 'x-ms-documentdb-isquery') || /query\+json/i.test(call.headers['content-type'] ?? '')
export const isQueryPlan = (call: Call) => isSet(call, 'x-ms-cosmos-is-query-plan-request')
export const isUpsert = (call: Call) => isSet(call, 'x-ms-documentdb-is-upsert')

const keyPaths = ({ body }: Resource) =>
  (body.properties.resource as { partitionKey: { paths: string[] } }).partitionKey.paths

/** Returns the values of the partition key in an item, `[{}]` for a missing one as on the wire. */
const keyOf = (item: Record<string, unknown>, container: Resource) =>
  keyPaths(container).map((path) =>
    path
      .split('/')
      .slice(1)
      .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], item),
  )

/** Returns the partition key that the request names; undefined if it names none. */
const requestedKey = ({ call }: CosmosRequest): string | undefined => {
  const header = call.headers['x-ms-documentdb-partitionkey']
  if (typeof header !== 'string') return undefined
  try {
    return JSON.stringify(JSON.parse(header))
  } catch {
    throw badRequest('Partition key provided in the header is not valid JSON.')
  }
}

const itemKey = (partitionKey: string, id: string) => `${partitionKey}/${id}`

function itemsOf({ simulator, account, params }: CosmosRequest): ContainerItems {
  const databases = ownOrNew(simulator.state.cosmos, account.body.name.toLowerCase(), () => ({}))
  const containers = ownOrNew(databases, params.database!, () => ({}))
  return ownOrNew(containers, params.container!, () => ({}))
}

const reply = (status: number, item: Item): Reply => ({
  status,
  headers: { etag: item._etag, 'x-ms-item-count': '1' },
  body: item,
})

function requireItem(request: CosmosRequest): [string, Item] {
  requireContainer(request, 'owner')
  const key = requestedKey(request)
  if (key === undefined) throw badRequest('PartitionKey value must be supplied for this operation.')
  const stored = itemKey(key, request.params.item!)
  const item = ownProperty(itemsOf(request), stored)
  if (!item) throw notFound('resource')
  return [stored, item]
}

export const readItem = (request: CosmosRequest): Reply => reply(200, requireItem(request)[1])

export function deleteItem(request: CosmosRequest): Reply {
  const [stored] = requireItem(request)
  delete itemsOf(request)[stored]
  return { status: 204 }
}

/** Stores the item of the body. */
function store(request: CosmosRequest, container: Resource): [string, Item] {
  const body = request.call.json<Record<string, unknown>>()
  if (typeof body.id !== 'string' || body.id === '' || /[/\\?#]/.test(body.id))
    throw badRequest("The input content is invalid because the required property 'id' is missing or invalid.")
  const key = JSON.stringify(keyOf(body, container))
  const requested = requestedKey(request)
  if (requested !== undefined && requested !== key)
    throw badRequest(
      "PartitionKey extracted from document doesn't match the one specified in the header. Learn more: https://aka.ms/CosmosDB/sql/errors/wrong-pk-value",
    )
  const item: Item = {
    ...body,
    id: body.id,
    _rid: Buffer.from(body.id).toString('base64').slice(0, 12),
    _self: `dbs/${request.params.database}/colls/${request.params.container}/docs/${body.id}/`,
    _etag: `"${crypto.randomUUID()}"`,
    _attachments: 'attachments/',
    _ts: Math.floor(request.simulator.now() / 1000),
  }
  return [itemKey(key, body.id), item]
}

/** Creates, upserts or queries items: all by POST. */
export function postItems(request: CosmosRequest): Reply {
  const { call } = request
  const container = requireContainer(request, 'owner')
  if (isQueryPlan(call)) return { status: 200, body: queryPlan }
  const items = itemsOf(request)
  if (isQuery(call)) {
    const prefix = requestedKey(request)
    const inPartition = Object.entries(items)
      .filter(([key]) => prefix === undefined || key.startsWith(itemKey(prefix, '')))
      .map(([, item]) => item)
    const found = matchingItems(call.json(), inPartition)
    return {
      status: 200,
      headers: { 'x-ms-item-count': String(found.length) },
      body: { _rid: '', Documents: found, _count: found.length },
    }
  }
  const [key, item] = store(request, container)
  const exists = ownProperty(items, key) !== undefined
  if (exists && !isUpsert(call))
    throw rejected(409, 0, 'Entity with the specified id already exists in the system.')
  items[key] = item
  return reply(exists ? 200 : 201, item)
}

export function replaceItem(request: CosmosRequest): Reply {
  const [stored] = requireItem(request)
  const [key, item] = store(request, requireContainer(request, 'owner'))
  if (key !== stored) throw badRequest('Replacing the item with a new id or partition key is not supported.')
  itemsOf(request)[key] = item
  return reply(200, item)
}
