import { findProxy, type ProxyType, proxiesOf } from '../arm/accounts/proxy-resources.ts'
import { sqlContainer, sqlDatabase } from '../arm/cosmosdb/containers.ts'
import type { Resource } from '../arm/state.ts'
import type { Reply } from '../http.ts'
import { notFound } from './errors.ts'
import type { CosmosRequest } from './request.ts'

interface Region {
  locationName: string
  documentEndpoint: string
}

const regionView = ({ locationName, documentEndpoint }: Region) => ({
  name: locationName,
  databaseAccountEndpoint: documentEndpoint,
})

/** Describes the account: every client's first request. */
export function readAccount({ account }: CosmosRequest): Reply {
  const { properties, name } = account.body
  const policy = properties.consistencyPolicy as { defaultConsistencyLevel?: string }
  return {
    status: 200,
    body: {
      _self: '',
      id: name,
      _rid: `${name}.sql.cosmos`,
      media: '//media/',
      addresses: '//addresses/',
      _dbs: '//dbs/',
      writableLocations: (properties.writeLocations as Region[]).map(regionView),
      readableLocations: (properties.readLocations as Region[]).map(regionView),
      enableMultipleWriteLocations: false,
      continuousBackupEnabled: false,
      userReplicationPolicy: { asyncReplication: false, minReplicaSetSize: 3, maxReplicasetSize: 4 },
      userConsistencyPolicy: { defaultConsistencyLevel: policy.defaultConsistencyLevel ?? 'Session' },
      systemReplicationPolicy: { minReplicaSetSize: 3, maxReplicasetSize: 4 },
      readPolicy: { primaryReadCoefficient: 1, secondaryReadCoefficient: 1 },
      queryEngineConfiguration: '{"maxSqlQueryInputLength":262144,"maxJoinsPerSqlQuery":5}',
    },
  }
}

const resourceOf = ({ body }: Resource) => body.properties.resource as Record<string, unknown>

const databaseView = (database: Resource) => {
  const own = resourceOf(database)
  return { ...own, _self: `dbs/${own._rid}/`, _colls: 'colls/', _users: 'users/' }
}

const containerView = (container: Resource) => {
  const own = resourceOf(container)
  return { ...own, _self: `dbs/${own._rid}/`, _docs: 'docs/', _sprocs: 'sprocs/', _triggers: 'triggers/' }
}

/** Finds a part by its path; the IDs of the data plane are case-sensitive. */
function find(type: ProxyType, { simulator, account }: CosmosRequest, path: string): Resource | undefined {
  const found = findProxy(simulator, type, `${account.body.id}/${path}`)
  return found && resourceOf(found).id === path.split('/').at(-1) ? found : undefined
}

/** Throws 404. */
export function requireDatabase(request: CosmosRequest): Resource {
  const found = find(sqlDatabase, request, `sqlDatabases/${request.params.database}`)
  if (!found) throw notFound('resource')
  return found
}

/** Throws 404. `owner`: the request is for something in the container. */
export function requireContainer(request: CosmosRequest, what: 'resource' | 'owner'): Resource {
  const { database, container } = request.params
  const found = find(sqlContainer, request, `sqlDatabases/${database}/containers/${container}`)
  if (!found) throw notFound(what)
  return found
}

const feed = (name: string, items: unknown[]): Reply => ({
  status: 200,
  headers: { 'x-ms-item-count': String(items.length) },
  body: { _rid: '', [name]: items, _count: items.length },
})

export const listDatabases = ({ simulator, account }: CosmosRequest): Reply =>
  feed('Databases', proxiesOf(simulator, sqlDatabase, account.body.id).map(databaseView))

export const readDatabase = (request: CosmosRequest): Reply => ({
  status: 200,
  body: databaseView(requireDatabase(request)),
})

export const listContainers = (request: CosmosRequest): Reply =>
  feed(
    'DocumentCollections',
    proxiesOf(request.simulator, sqlContainer, requireDatabase(request).body.id).map(containerView),
  )

export const readContainer = (request: CosmosRequest): Reply => ({
  status: 200,
  body: containerView(requireContainer(request, 'resource')),
})

/** Lists the ranges of partition keys as a feed of changes: there is one range, which never changes. */
export function listPartitions(request: CosmosRequest): Reply {
  requireContainer(request, 'owner')
  const etag = '"1"'
  if (request.call.headers['if-none-match'] === etag) return { status: 304, headers: { etag } }
  const range = {
    id: '0',
    _rid: 'range0',
    _etag: etag,
    minInclusive: '',
    maxExclusive: 'FF',
    ridPrefix: 0,
    throughputFraction: 1,
    status: 'online',
    parents: [],
  }
  const reply = feed('PartitionKeyRanges', [range])
  return { ...reply, headers: { ...reply.headers, etag } }
}
