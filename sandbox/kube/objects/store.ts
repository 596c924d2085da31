import type { Simulator } from '../../simulator.ts'
import type { KubeCluster, StoredObject } from '../state.ts'
import { type ApiResource, groupVersion } from './resources.ts'

export interface WatchEvent {
  version: number
  resource: ApiResource
  type: 'ADDED' | 'MODIFIED' | 'DELETED'
  object: StoredObject
  /** As it was; missing for a new one. */
  before?: StoredObject
}

/** Recent changes per cluster, for watches; they don't outlive the process (an older watch gets 410). */
const histories = new WeakMap<KubeCluster, { since: number; events: WatchEvent[] }>()
const historyLength = 1000

export function watchHistory(cluster: KubeCluster): { since: number; events: WatchEvent[] } {
  const found = histories.get(cluster) ?? { since: cluster.resourceVersion, events: [] }
  histories.set(cluster, found)
  return found
}

const prefix = (resource: ApiResource, namespace: string) =>
  `${groupVersion(resource)}/${resource.name}/${namespace}/`

export const getObject = (
  cluster: KubeCluster,
  resource: ApiResource,
  namespace: string,
  name: string,
): StoredObject | undefined => cluster.objects[prefix(resource, namespace) + name]

const orders = new WeakMap<KubeCluster['objects'], { keys: string[]; version: number }>()

/** The keys of all objects in order; sorted once, then kept in step by each write. */
function order({ objects, resourceVersion: version }: KubeCluster): string[] {
  const known = orders.get(objects)
  if (known?.version === version) return known.keys
  const keys = Object.keys(objects).sort()
  orders.set(objects, { keys, version })
  return keys
}

/** Tells the order of a write that has just made the newest version. */
function keepOrder({ objects, resourceVersion: version }: KubeCluster, key: string): void {
  const known = orders.get(objects)
  if (known?.version !== version - 1) return
  known.version = version
  const at = firstFrom(known.keys, key)
  const has = known.keys[at] === key
  if (!has && key in objects) known.keys.splice(at, 0, key)
  if (has && !(key in objects)) known.keys.splice(at, 1)
}

/** All objects of a kind in their order of names; every namespace when none is given. */
export function listObjects(cluster: KubeCluster, resource: ApiResource, namespace?: string): StoredObject[] {
  const start =
    namespace === undefined ? `${groupVersion(resource)}/${resource.name}/` : prefix(resource, namespace)
  const keys = order(cluster)
  const found: StoredObject[] = []
  for (let at = firstFrom(keys, start); keys[at]?.startsWith(start); at++)
    found.push(cluster.objects[keys[at]!]!)
  return found
}

/** Where the first key that is not before `start` stands. */
function firstFrom(keys: string[], start: string): number {
  let [low, high] = [0, keys.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (keys[middle]! < start) low = middle + 1
    else high = middle
  }
  return low
}

function note(cluster: KubeCluster, event: WatchEvent): void {
  const { events } = watchHistory(cluster)
  events.push(event)
  if (events.length > historyLength) {
    events.splice(0, events.length - historyLength)
    watchHistory(cluster).since = events[0]!.version - 1
  }
}

/** Stores the object under a new resource version and returns it. */
export function storeObject(
  simulator: Simulator,
  cluster: KubeCluster,
  resource: ApiResource,
  object: StoredObject,
): StoredObject {
  const key = prefix(resource, object.metadata.namespace ?? '') + object.metadata.name
  watchHistory(cluster)
  const before = cluster.objects[key]
  const version = ++cluster.resourceVersion
  const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } }
  cluster.objects[key] = stored
  keepOrder(cluster, key)
  note(
    cluster,
    before
      ? { version, resource: resource, type: 'MODIFIED', object: stored, before }
      : { version, resource: resource, type: 'ADDED', object: stored },
  )
  simulator.markChanged()
  return stored
}

export function eraseObject(
  simulator: Simulator,
  cluster: KubeCluster,
  resource: ApiResource,
  object: StoredObject,
): void {
  watchHistory(cluster)
  const key = prefix(resource, object.metadata.namespace ?? '') + object.metadata.name
  delete cluster.objects[key]
  const version = ++cluster.resourceVersion
  keepOrder(cluster, key)
  const last = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } }
  note(cluster, { version, resource: resource, type: 'DELETED', object: last, before: object })
  if (resource.kind === 'Pod') delete cluster.pods[object.metadata.uid]
  simulator.markChanged()
}

/** RFC 3339 to the second, as Kubernetes writes times. */
export const formatTime = (at: number) => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')
