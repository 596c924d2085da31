import type { Shape } from '../request-body.ts'
import type { Resource } from '../state.ts'

/** A type of resource within a namespace, such as a queue. */
export interface EntityType {
  /** The segments of its path that aren't names: `topics/subscriptions`. */
  path: string
  name: RegExp
  shape: { [name: string]: Shape }
  /** Properties of a new one whose request has none. */
  defaults: Record<string, unknown>
  /** Properties that can't be changed. */
  fixed?: readonly string[]
  /** Returns why the request is invalid. */
  problem?: (properties: Record<string, unknown>, namespace: Resource) => string | undefined
  /** Returns the properties that the service computes. */
  computed?: (properties: Record<string, unknown>) => Record<string, unknown>
  /** Name of the one that everything that contains it has from the start. */
  builtIn?: string
}

/** What differs between Service Bus and Event Hubs. */
export interface MessagingProvider {
  namespace: 'Microsoft.ServiceBus' | 'Microsoft.EventHub'
  versions: string[]
  skus: readonly string[]
  /** Expected types of the properties of a namespace, beyond the common ones. */
  shape: { [name: string]: Shape }
  defaults: Record<string, unknown>
  entities: readonly EntityType[]
}
