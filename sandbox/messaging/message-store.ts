import { randomUUID } from 'node:crypto'
import type { Simulator } from '../simulator.ts'
import type { Namespace } from './namespaces.ts'
import type { MessageStore, StoredMessage } from './state.ts'

const lockDuration = 60_000
const maxDeliveries = 10

const storesOf = ({ state }: Simulator, { id }: Namespace) => (state.messaging[id.toLowerCase()] ??= {})

/** Returns the store of a queue, a subscription or a partition. */
export const storeOf = (simulator: Simulator, namespace: Namespace, key: string): MessageStore =>
  (storesOf(simulator, namespace)[key] ??= { lastSequence: 0, messages: [] })

export function addMessage(simulator: Simulator, store: MessageStore, content: Buffer): void {
  store.lastSequence += 1
  store.messages.push({
    sequence: store.lastSequence,
    enqueuedAt: simulator.now(),
    content: content.toString('base64'),
    deliveries: 0,
  })
  simulator.markChanged()
}

/** Takes the first message that no receiver has. With `lock` it stays in the queue until it is settled. */
export function takeMessage(
  simulator: Simulator,
  store: MessageStore,
  lock: boolean,
): StoredMessage | undefined {
  const now = simulator.now()
  const message = store.messages.find((each) => !each.lock || each.lock.until <= now)
  if (!message) return undefined
  message.deliveries += 1
  if (lock) message.lock = { token: randomUUID(), until: now + lockDuration }
  else removeMessage(store, message)
  simulator.markChanged()
  return message
}

export function removeMessage(store: MessageStore, message: StoredMessage): void {
  store.messages = store.messages.filter((each) => each !== message)
}

/** Gives a message back to the queue, or to the dead letters after its last delivery. */
export function abandonMessage(store: MessageStore, deadLetters: MessageStore, message: StoredMessage): void {
  delete message.lock
  if (message.deliveries >= maxDeliveries) moveToDeadLetters(store, deadLetters, message)
}

export function moveToDeadLetters(
  store: MessageStore,
  deadLetters: MessageStore,
  message: StoredMessage,
): void {
  removeMessage(store, message)
  delete message.lock
  deadLetters.lastSequence += 1
  deadLetters.messages.push({ ...message, sequence: deadLetters.lastSequence })
}

/** Extends the lock. Returns the new end, or undefined if the lock has been lost. */
export function renewLock(simulator: Simulator, store: MessageStore, token: string): number | undefined {
  const lock = store.messages.find((each) => each.lock?.token === token)?.lock
  if (!lock || lock.until <= simulator.now()) return undefined
  lock.until = simulator.now() + lockDuration
  simulator.markChanged()
  return lock.until
}

/** Deletes what a namespace, or a part of it, contains. `key` is the part's store. */
export function deleteStores({ state }: Simulator, namespaceId: string, key?: string): void {
  const stores = state.messaging[namespaceId.toLowerCase()]
  if (!stores) return
  if (key === undefined) delete state.messaging[namespaceId.toLowerCase()]
  else for (const each of Object.keys(stores)) if (`${each}/`.startsWith(`${key}/`)) delete stores[each]
}
