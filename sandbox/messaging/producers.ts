import type { EventContext, Receiver } from 'rhea'
import type { Simulator } from '../simulator.ts'
import { claimProblem } from './claims.ts'
import type { ClientConnection } from './client-connection.ts'
import { deliverAll } from './consumers.ts'
import { encodedMessages } from './encoding.ts'
import { type Entity, entityPath, findEntity, partitionCount } from './entities.ts'
import { entityNotFound, notAllowed, type Refusal } from './errors.ts'
import { addMessage, storeOf } from './message-store.ts'
import { findPart, type Namespace, partsOf } from './namespaces.ts'

function refusal(
  client: ClientConnection,
  simulator: Simulator,
  entity: Entity | undefined,
  path: string,
): Refusal | undefined {
  const { namespace } = client
  if (!entity) return entityNotFound(simulator, namespace, path)
  const problem = claimProblem(client, simulator, entity, 'Send')
  if (problem) return problem
  const takesMessages = ['queue', 'topic', 'eventhub'].includes(entity.kind)
  if (takesMessages && !entity.store.endsWith('$deadletterqueue')) return undefined
  return notAllowed(
    simulator,
    namespace,
    path,
    `Cannot create a message sender on an entity of type '${entity.kind}'.`,
  )
}

/** Opens a link on which a client sends messages or events, or refuses it. */
export function openProducer(
  client: ClientConnection,
  simulator: Simulator,
  receiver: Receiver,
  address: string,
): void {
  const path = entityPath(address)
  const problem = refusal(client, simulator, findEntity(simulator, client.namespace, path), path)
  if (problem) {
    receiver.close(problem)
    return
  }
  receiver.set_source({ address: receiver.source?.address ?? '' })
  receiver.set_target({ address })
}

/** Returns the keys of the stores that get what is sent to an entity. */
function storesFor(
  simulator: Simulator,
  namespace: Namespace,
  { kind, store, partition, path }: Entity,
): string[] {
  if (kind === 'topic')
    return partsOf(simulator, namespace, `topics/${store}/subscriptions`).map(
      ({ body }) => `${store}/subscriptions/${body.name.toLowerCase()}`,
    )
  if (kind !== 'eventhub' || partition !== undefined) return [store]
  const hub = findPart(simulator, namespace, `eventhubs/${path}`)!
  const keys = Array.from({ length: partitionCount(hub) }, (_, index) => `${store}/${index}`)
  const sizes = keys.map((key) => storeOf(simulator, namespace, key).lastSequence)
  return [keys[sizes.indexOf(Math.min(...sizes))]!]
}

/** Stores what a client has sent. */
export function receiveMessages(
  client: ClientConnection,
  simulator: Simulator,
  context: EventContext,
  address: string,
): void {
  const { namespace } = client
  const { message, delivery } = context
  const path = entityPath(address)
  const entity = findEntity(simulator, namespace, path)
  if (!entity || !message) {
    context.receiver!.close(entityNotFound(simulator, namespace, path))
    return
  }
  const contents = encodedMessages(message as never, Number(delivery?.format ?? 0))
  for (const store of storesFor(simulator, namespace, entity)) {
    for (const content of contents) addMessage(simulator, storeOf(simulator, namespace, store), content)
    deliverAll(simulator, namespace, store)
  }
}
