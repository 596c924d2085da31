import type { Resource } from '../arm/state.ts'
import type { Simulator } from '../simulator.ts'
import { findPart, type Namespace } from './namespaces.ts'

/** What a link or a token is for. */
export interface Entity {
  kind: 'namespace' | 'queue' | 'topic' | 'subscription' | 'eventhub' | 'consumergroup'
  /** Resource ID: the scope that a role must cover. */
  scope: string
  /** The path as the client wrote it, without `$management`. */
  path: string
  /** Key of its store; of a hub without a partition, what its partitions' keys begin with. */
  store: string
  partition?: string
}

/** Returns the path in an address, which may be a URL: `sb://host/orders/$management` is for `orders`. */
export function entityPath(address: string): string {
  const path = address.replace(/^\w+:\/\/[^/]*/, '')
  const parts = path.split('/').filter(Boolean)
  if (parts.at(-1)?.toLowerCase() === '$management') parts.pop()
  return parts.join('/')
}

export const isManagement = (address: string) => /(^|\/)\$management\/?$/i.test(address)

const nameOf = (resource: Resource | undefined) => resource?.body.name.toLowerCase()

function serviceBusEntity(simulator: Simulator, namespace: Namespace, path: string): Entity | undefined {
  const parts = path.split('/')
  const isDeadLetter = parts.at(-1)?.toLowerCase() === '$deadletterqueue'
  if (isDeadLetter) parts.pop()
  const [name = '', keyword, subscription] = parts
  const suffix = isDeadLetter ? '/$deadletterqueue' : ''
  if (parts.length === 3 && keyword?.toLowerCase() === 'subscriptions') {
    const found = findPart(simulator, namespace, `topics/${name}/subscriptions/${subscription}`)
    const store = `${name.toLowerCase()}/subscriptions/${nameOf(found)}${suffix}`
    return found && { kind: 'subscription', scope: found.body.id, path, store }
  }
  if (parts.length !== 1) return undefined
  const queue = findPart(simulator, namespace, `queues/${name}`)
  if (queue) return { kind: 'queue', scope: queue.body.id, path, store: `${nameOf(queue)}${suffix}` }
  const topic = isDeadLetter ? undefined : findPart(simulator, namespace, `topics/${name}`)
  return topic && { kind: 'topic', scope: topic.body.id, path, store: nameOf(topic)! }
}

/** `hub`, `hub/Partitions/0`, `hub/ConsumerGroups/$Default` or `hub/ConsumerGroups/$Default/Partitions/0`. */
const hubPath = /^([^/]+)(?:\/consumergroups\/([^/]+))?(?:\/partitions\/(\d+))?$/i

function hubEntity(simulator: Simulator, namespace: Namespace, path: string): Entity | undefined {
  const [, name, group, partition] = hubPath.exec(path) ?? []
  const hub = name === undefined ? undefined : findPart(simulator, namespace, `eventhubs/${name}`)
  if (!hub || (partition !== undefined && Number(partition) >= partitionCount(hub))) return undefined
  const key = nameOf(hub)!
  const store = partition === undefined ? key : `${key}/${Number(partition)}`
  const place = { path, store, ...(partition === undefined ? {} : { partition }) }
  if (group === undefined) return { kind: 'eventhub', scope: hub.body.id, ...place }
  const isDefault = group.toLowerCase() === '$default'
  if (!isDefault && !findPart(simulator, namespace, `eventhubs/${name}/consumergroups/${group}`))
    return undefined
  return { kind: 'consumergroup', scope: `${hub.body.id}/consumergroups/${group}`, ...place }
}

export const partitionCount = ({ body }: Resource) => Number(body.properties.partitionCount ?? 1)

/** Finds what a path of a namespace is for; the empty path is for the namespace. */
export function findEntity(simulator: Simulator, namespace: Namespace, path: string): Entity | undefined {
  if (path === '') return { kind: 'namespace', scope: namespace.id, path, store: '' }
  return namespace.kind === 'servicebus'
    ? serviceBusEntity(simulator, namespace, path)
    : hubEntity(simulator, namespace, path)
}
