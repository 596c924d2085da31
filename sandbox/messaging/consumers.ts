import rhea, { type Delivery, type EventContext, type Sender } from 'rhea'
import type { SandboxState } from '../sandbox-state.ts'
import type { Simulator } from '../simulator.ts'
import { claimProblem } from './claims.ts'
import type { ClientConnection } from './client-connection.ts'
import { delivered, deliveredEvent, tagOf } from './encoding.ts'
import { type Entity, entityPath, findEntity } from './entities.ts'
import { entityNotFound, notAllowed, type Refusal } from './errors.ts'
import { startPosition } from './event-position.ts'
import { abandonMessage, moveToDeadLetters, removeMessage, storeOf, takeMessage } from './message-store.ts'
import type { Namespace } from './namespaces.ts'
import type { StoredMessage } from './state.ts'

interface Consumer {
  namespace: Namespace
  entity: Entity
  /** Of an event hub: the sequence number of the next event. */
  next?: number
}

/** The links of all connections on which clients receive. */
const consumers = new WeakMap<SandboxState, Map<Sender, Consumer>>()

function consumersOf({ state }: Simulator): Map<Sender, Consumer> {
  const found = consumers.get(state) ?? new Map<Sender, Consumer>()
  consumers.set(state, found)
  return found
}

export const closeConsumer = (simulator: Simulator, sender: Sender): boolean =>
  consumersOf(simulator).delete(sender)

/** Returns why a client can't receive from an address; undefined if it can. */
function refusal(
  client: ClientConnection,
  simulator: Simulator,
  entity: Entity | undefined,
  path: string,
): Refusal | undefined {
  const { namespace } = client
  if (!entity) return entityNotFound(simulator, namespace, path)
  const problem = claimProblem(client, simulator, entity, 'Listen')
  if (problem) return problem
  const isPartition = entity.kind === 'consumergroup' && entity.partition !== undefined
  if (entity.kind === 'queue' || entity.kind === 'subscription' || isPartition) return undefined
  return notAllowed(
    simulator,
    namespace,
    path,
    `Cannot create a message receiver on an entity of type '${entity.kind}'.`,
  )
}

/** Opens a link on which a client receives messages or events, or refuses it. */
export function openConsumer(
  client: ClientConnection,
  simulator: Simulator,
  sender: Sender,
  address: string,
): void {
  const { namespace } = client
  const path = entityPath(address)
  const entity = findEntity(simulator, namespace, path)
  const problem = refusal(client, simulator, entity, path)
  if (problem) {
    sender.close(problem)
    return
  }
  sender.set_source({ address })
  sender.set_target({ address: sender.target?.address ?? '' })
  const isHub = entity!.kind === 'consumergroup'
  const store = storeOf(simulator, namespace, entity!.store)
  consumersOf(simulator).set(sender, {
    namespace,
    entity: entity!,
    ...(isHub && { next: startPosition(sender.source?.filter, store) }),
  })
  sender.on('sendable', () => deliver(simulator, sender))
  sender.on('sender_draining', () => {
    deliver(simulator, sender)
    sender.set_drained(true)
  })
  for (const outcome of ['accepted', 'released', 'modified', 'rejected'] as const)
    sender.on(outcome, ({ delivery }: EventContext) => settle(simulator, sender, delivery!, outcome))
}

/** The messages that a client has and has not settled yet. */
const unsettled = new WeakMap<Delivery, StoredMessage>()

function deliver(simulator: Simulator, sender: Sender): void {
  const consumer = consumersOf(simulator).get(sender)
  if (!consumer) return
  const store = storeOf(simulator, consumer.namespace, consumer.entity.store)
  let credit = Number((sender as Sender & { credit?: number }).credit ?? 0)
  for (; credit > 0 && sender.is_open(); credit -= 1) {
    if (consumer.next !== undefined) {
      const event = store.messages.find(({ sequence }) => sequence >= consumer.next!)
      if (!event) return
      consumer.next = event.sequence + 1
      sender.send(deliveredEvent(event), undefined, 0)
      continue
    }
    const isSettled = sender.snd_settle_mode === 1
    const message = takeMessage(simulator, store, !isSettled)
    if (!message) return
    const tag = message.lock && tagOf(message.lock.token)
    const delivery = sender.send(delivered(message), tag, 0)
    if (isSettled) Object.assign(delivery, { settled: true })
    else unsettled.set(delivery, message)
  }
}

/** Delivers what has arrived in a store to the clients that wait for it. */
export function deliverAll(simulator: Simulator, namespace: Namespace, store: string): void {
  for (const [sender, consumer] of consumersOf(simulator))
    if (consumer.namespace.id === namespace.id && consumer.entity.store === store) deliver(simulator, sender)
}

const { accepted, released, modified, rejected } = rhea.message as unknown as Record<
  string,
  (fields?: object) => { described: () => unknown }
>
const outcomes = { accepted, released, modified, rejected }

function settle(
  simulator: Simulator,
  sender: Sender,
  delivery: Delivery,
  outcome: 'accepted' | 'released' | 'modified' | 'rejected',
): void {
  const consumer = consumersOf(simulator).get(sender)
  const message = unsettled.get(delivery)
  unsettled.delete(delivery)
  if (!consumer) return
  if (message?.lock) {
    const { namespace, entity } = consumer
    const store = storeOf(simulator, namespace, entity.store)
    const deadLetters = storeOf(simulator, namespace, `${entity.store}/$deadletterqueue`)
    const isGone = delivery.remote_state?.undeliverable_here === true
    if (outcome === 'accepted') removeMessage(store, message)
    else if (outcome === 'rejected' || isGone) moveToDeadLetters(store, deadLetters, message)
    else abandonMessage(store, deadLetters, message)
    simulator.markChanged()
  }
  if (!delivery.remote_settled) delivery.update(true, outcomes[outcome]!().described())
}
