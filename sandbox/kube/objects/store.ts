import type { Cloud } from '../../cloud.ts'
import type { KubeCluster, KubeObject } from '../state.ts'
import { groupVersion, type Resource } from './resources.ts'

export interface WatchEvent {
  version: number
  resource: Resource
  type: 'ADDED' | 'MODIFIED' | 'DELETED'
  object: KubeObject
  /** As it was; missing for a new one. */
  before?: KubeObject
}

/** Recent changes per cluster, for watches; they don't outlive the process (an older watch gets 410). */
const histories = new WeakMap<KubeCluster, { since: number; events: WatchEvent[] }>()
const historyLength = 1000

export function history(cluster: KubeCluster): { since: number; events: WatchEvent[] } {
  const found = histories.get(cluster) ?? { since: cluster.resourceVersion, events: [] }
  histories.set(cluster, found)
  return found
}

const prefix = (of: Resource, namespace: string) => `${groupVersion(of)}/${of.name}/${namespace}/`

export const read = (
  cluster: KubeCluster,
  of: Resource,
  namespace: string,
  name: string,
): KubeObject | undefined => cluster.objects[prefix(of, namespace) + name]

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
export function list(cluster: KubeCluster, of: Resource, namespace?: string): KubeObject[] {
  const start = namespace === undefined ? `${groupVersion(of)}/${of.name}/` : prefix(of, namespace)
  const keys = order(cluster)
  const found: KubeObject[] = []
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
  const { events } = history(cluster)
  events.push(event)
  if (events.length > historyLength) {
    events.splice(0, events.length - historyLength)
    history(cluster).since = events[0]!.version - 1
  }
}

/** Stores the object under a new resource version and returns it. */
export function write(cloud: Cloud, cluster: KubeCluster, of: Resource, object: KubeObject): KubeObject {
  const key = prefix(of, object.metadata.namespace ?? '') + object.metadata.name
  history(cluster)
  const before = cluster.objects[key]
  const version = ++cluster.resourceVersion
  const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } }
  cluster.objects[key] = stored
  keepOrder(cluster, key)
  note(
    cluster,
    before
      ? { version, resource: of, type: 'MODIFIED', object: stored, before }
      : { version, resource: of, type: 'ADDED', object: stored },
  )
  cloud.changed()
  return stored
}

export function erase(cloud: Cloud, cluster: KubeCluster, of: Resource, object: KubeObject): void {
  history(cluster)
  const key = prefix(of, object.metadata.namespace ?? '') + object.metadata.name
  delete cluster.objects[key]
  const version = ++cluster.resourceVersion
  keepOrder(cluster, key)
  const last = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } }
  note(cluster, { version, resource: of, type: 'DELETED', object: last, before: object })
  if (of.kind === 'Pod') delete cluster.pods[object.metadata.uid]
  cloud.changed()
}

/** RFC 3339 to the second, as Kubernetes writes times. */
export const timestamp = (at: number) => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')
