import type { Resource } from '../arm/state.ts'
import { findAccount } from '../data-plane.ts'
import { isListed } from '../ip-rules.ts'
import { hasPublicAccess } from '../network-rules.ts'
import type { Simulator } from '../simulator.ts'

/** A namespace of Service Bus or Event Hubs as its data plane sees it. */
export interface Namespace {
  kind: 'servicebus' | 'eventhub'
  /** Resource ID in Resource Manager. */
  id: string
  name: string
  /** Host name without the port. */
  host: string
  localAuth: boolean
}

/** Service Bus and Event Hubs share the host names below one label. */
export const label = 'servicebus'

export const types = {
  servicebus: 'Microsoft.ServiceBus/namespaces',
  eventhub: 'Microsoft.EventHub/namespaces',
} as const

export const audiences = {
  servicebus: ['https://servicebus.azure.net'],
  eventhub: ['https://eventhubs.azure.net'],
} as const

/** Finds a namespace by its lower-case name. Until it has been created, its host name doesn't resolve. */
export function findNamespace(simulator: Simulator, name: string): Namespace | undefined {
  const found = Object.values(types)
    .map((type) => findAccount(simulator, type, name))
    .find((resource) => resource !== undefined)
  if (!found) return undefined
  const { id, type, properties } = found.body
  return {
    kind: type.toLowerCase() === types.servicebus.toLowerCase() ? 'servicebus' : 'eventhub',
    id,
    name,
    host: `${name}.${simulator.hostSuffix(label).replace(/:\d+$/, '')}`,
    localAuth: properties.disableLocalAuth !== true,
  }
}

/** Returns a part of a namespace, such as `queues/orders`. */
export const findPart = (simulator: Simulator, { id }: Namespace, path: string): Resource | undefined =>
  simulator.state.arm.proxyResources?.[`${id}/${path}`.toLowerCase()]

/** Returns the parts directly within `topics/news/subscriptions`. */
export function partsOf(simulator: Simulator, { id }: Namespace, collection: string): Resource[] {
  const prefix = `${id}/${collection}/`.toLowerCase()
  return Object.entries(simulator.state.arm.proxyResources ?? {})
    .filter(([key]) => key.startsWith(prefix) && !key.slice(prefix.length).includes('/'))
    .map(([, resource]) => resource)
}

/** True if the firewall lets the address connect. */
export function admits(simulator: Simulator, namespace: Namespace, address: string): boolean {
  const resource = simulator.state.arm.resources[namespace.id.toLowerCase()]
  const rules = findPart(simulator, namespace, 'networkRuleSets/default')?.body.properties
  if (!resource || !hasPublicAccess(resource.body.properties)) return false
  if (String(rules?.defaultAction ?? 'Allow').toLowerCase() !== 'deny') return true
  const ipRules = (rules?.ipRules ?? []) as { ipMask?: string }[]
  return isListed(
    ipRules.map(({ ipMask }) => String(ipMask ?? '')),
    address,
  )
}
