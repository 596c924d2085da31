import type { Simulator } from '../../simulator.ts'
import type { KubeCluster, StoredObject } from '../state.ts'
import { type ApiResource, groupVersion } from './resources.ts'

export interface WatchEvent {
  version: number
  resource: ApiResource
  type: 'ADDED' | 'MODIFIED' | 'DELETED'
  object: StoredObject
  /** The previous state; missing for a new object. */
  before?: StoredObject
}

/** Recent changes per cluster, for watches. They are lost with the process: watches from before get 410. */
const histories = new WeakMap<KubeCluster, { since: number; events: WatchEvent[] }>()
const historyLength = 1000

export function watchHistory(cluster: KubeCluster): { since: number; events: WatchEvent[] } {
  const found = histories.get(cluster) ?? { since: cluster.resourceVersion, events: [] }
  histories.set(cluster, found)
  return found
}

/** All versions of a resource are stored as one. */
const kindPrefix = ({ group, version, name, custom }: ApiResource) =>
  `${groupVersion({ group, version: custom?.storageVersion ?? version })}/${name}/`

const keyPrefix = (resource: ApiResource, namespace: string) => `${kindPrefix(resource)}${namespace}/`

/** Returns the object in the version of the request. */
const inVersion = (resource: ApiResource, object: StoredObject): StoredObject =>
  resource.custom && object.apiVersion !== groupVersion(resource)
    ? { ...object, apiVersion: groupVersion(resource) }
    : object

export const getObject = (
  cluster: KubeCluster,
  resource: ApiResource,
  namespace: string,
  name: string,
): StoredObject | undefined => {
  const found = cluster.objects[keyPrefix(resource, namespace) + name]
  return found && inVersion(resource, found)
}

const sortedKeys = new WeakMap<KubeCluster['objects'], { keys: string[]; version: number }>()

/** Returns the sorted keys of all objects. They are sorted once, then updated by each write. */
function keysInOrder({ objects, resourceVersion: version }: KubeCluster): string[] {
  const cached = sortedKeys.get(objects)
  if (cached?.version === version) return cached.keys
  const keys = Object.keys(objects).sort()
  sortedKeys.set(objects, { keys, version })
  return keys
}

/** Updates the sorted keys after a write that produced the newest version. */
function updateOrder({ objects, resourceVersion: version }: KubeCluster, key: string): void {
  const cached = sortedKeys.get(objects)
  if (cached?.version !== version - 1) return
  cached.version = version
  const at = firstFrom(cached.keys, key)
  const exists = cached.keys[at] === key
  if (!exists && key in objects) cached.keys.splice(at, 0, key)
  if (exists && !(key in objects)) cached.keys.splice(at, 1)
}

/** Returns the objects of a resource sorted by name, in one namespace or in all. */
export function listObjects(cluster: KubeCluster, resource: ApiResource, namespace?: string): StoredObject[] {
  const start = namespace === undefined ? kindPrefix(resource) : keyPrefix(resource, namespace)
  const keys = keysInOrder(cluster)
  const found: StoredObject[] = []
  for (let at = firstFrom(keys, start); keys[at]?.startsWith(start); at++)
    found.push(inVersion(resource, cluster.objects[keys[at]!]!))
  return found
}

/** Returns the index of the first key that is not before `start`. */
function firstFrom(keys: string[], start: string): number {
  let [low, high] = [0, keys.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (keys[middle]! < start) low = middle + 1
    else high = middle
  }
  return low
}

function addEvent(cluster: KubeCluster, event: WatchEvent): void {
  const { events } = watchHistory(cluster)
  events.push(event)
  if (events.length > historyLength) {
    events.splice(0, events.length - historyLength)
    watchHistory(cluster).since = events[0]!.version - 1
  }
}

/** Marks the state as changed too: controllers also store objects while they serve a read. */
function nextVersion(simulator: Simulator, cluster: KubeCluster): number {
  simulator.markChanged()
  return ++cluster.resourceVersion
}

/** Stores an object under a new resource version and returns it. */
export function storeObject(
  simulator: Simulator,
  cluster: KubeCluster,
  resource: ApiResource,
  object: StoredObject,
): StoredObject {
  const key = keyPrefix(resource, object.metadata.namespace ?? '') + object.metadata.name
  watchHistory(cluster)
  const before = cluster.objects[key]
  const version = nextVersion(simulator, cluster)
  const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } }
  cluster.objects[key] = stored
  updateOrder(cluster, key)
  addEvent(
    cluster,
    before
      ? { version, resource: resource, type: 'MODIFIED', object: stored, before }
      : { version, resource: resource, type: 'ADDED', object: stored },
  )
  return stored
}

export function eraseObject(
  simulator: Simulator,
  cluster: KubeCluster,
  resource: ApiResource,
  object: StoredObject,
): void {
  watchHistory(cluster)
  const key = keyPrefix(resource, object.metadata.namespace ?? '') + object.metadata.name
  delete cluster.objects[key]
  const version = nextVersion(simulator, cluster)
  updateOrder(cluster, key)
  const deleted = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } }
  addEvent(cluster, { version, resource: resource, type: 'DELETED', object: deleted, before: object })
  if (resource.kind === 'Pod') delete cluster.pods[object.metadata.uid]
}

/** Formats ms since the epoch as RFC 3339 with seconds, as Kubernetes does. */
export const formatTime = (at: number) => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')
