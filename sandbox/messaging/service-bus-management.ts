import rhea, { type Message } from 'rhea'
import type { Simulator } from '../simulator.ts'
import { claimProblem } from './claims.ts'
import type { ClientConnection } from './client-connection.ts'
import { delivered } from './encoding.ts'
import { type Entity, findEntity } from './entities.ts'
import { entityNotFound } from './errors.ts'
import { renewLock, storeOf } from './message-store.ts'
import type { Response } from './response.ts'
import type { MessageStore } from './state.ts'

type Operation = (simulator: Simulator, store: MessageStore, input: Record<string, unknown>) => Response

const peek: Operation = (_, { messages }, input) => {
  const from = Number(input['from-sequence-number'] ?? 1)
  const count = Number(input['message-count'] ?? 1)
  const found = messages.filter(({ sequence }) => sequence >= from).slice(0, count)
  if (found.length === 0)
    return { status: 204, description: 'No messages', condition: 'com.microsoft:message-not-found' }
  return {
    status: 200,
    description: 'OK',
    body: { messages: found.map((message) => ({ message: delivered(message) })) },
  }
}

const renew: Operation = (simulator, store, input) => {
  const tokens = [input['lock-tokens'] ?? []].flat() as Buffer[]
  const ends = tokens.map((token) => renewLock(simulator, store, rhea.uuid_to_string(token)))
  if (ends.includes(undefined))
    return {
      status: 410,
      description:
        'The lock supplied is invalid. Either the lock expired, or the message has already been removed.',
      condition: 'com.microsoft:message-lock-lost',
    }
  return {
    status: 200,
    description: 'OK',
    body: { expirations: ends.map((end) => rhea.types.wrap_timestamp(end!)) },
  }
}

const operations: Record<string, Operation> = {
  'com.microsoft:peek-message': peek,
  'com.microsoft:renew-lock': renew,
}

/** Answers a request to the management node of a queue, a topic or a subscription. */
export async function serviceBusOperation(
  connection: ClientConnection,
  simulator: Simulator,
  request: Message,
  path: string,
): Promise<Response> {
  const { namespace } = connection
  const entity: Entity | undefined = findEntity(simulator, namespace, path)
  if (!entity) return { status: 404, ...entityNotFound(simulator, namespace, path) }
  const name = String(request.application_properties?.operation)
  const operation = operations[name]
  if (!operation)
    return {
      status: 501,
      description: `The operation '${name}' is not simulated.`,
      condition: 'amqp:not-implemented',
    }
  const refusal = claimProblem(connection, simulator, entity, 'Listen')
  if (refusal) return { status: 401, ...refusal }
  return operation(
    simulator,
    storeOf(simulator, namespace, entity.store),
    (request.body ?? {}) as Record<string, unknown>,
  )
}
