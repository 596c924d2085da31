import rhea, { type Message } from 'rhea'
import type { Simulator } from '../simulator.ts'
import { hasClaim, holderOf } from './authentication.ts'
import type { ClientConnection } from './client-connection.ts'
import { findEntity, partitionCount } from './entities.ts'
import { addressBlocked, badToken, claimRequired, entityNotFound } from './errors.ts'
import { storeOf } from './message-store.ts'
import { admits, findPart } from './namespaces.ts'
import type { Response } from './response.ts'

/** Answers a READ of an event hub or of one of its partitions. Any claim on the hub permits it. */
export async function eventHubOperation(
  connection: ClientConnection,
  simulator: Simulator,
  { application_properties: properties = {} }: Message,
): Promise<Response> {
  const { namespace } = connection
  const {
    operation,
    type,
    name = '',
    partition,
    security_token: token = '',
  } = properties as Record<string, string>
  if (!admits(simulator, namespace, connection.clientAddress))
    return { status: 401, ...addressBlocked(simulator, namespace) }
  const holder = await holderOf(simulator, namespace, token)
  if (typeof holder === 'object' && 'problem' in holder)
    return { status: 401, ...badToken(simulator, namespace, holder.problem) }
  const hub = findPart(simulator, namespace, `eventhubs/${name}`)
  const entity = findEntity(simulator, namespace, name)
  if (!hub || !entity) return { status: 404, ...entityNotFound(simulator, namespace, name) }
  const mayRead = (['Listen', 'Send'] as const).some((claim) =>
    hasClaim(simulator, namespace, holder, claim, entity),
  )
  if (!mayRead) return { status: 401, ...claimRequired(simulator, namespace, name, 'Listen') }
  if (operation !== 'READ') return { status: 400, description: `Invalid operation '${operation}'.` }
  if (type === 'com.microsoft:partition')
    return readPartition(connection, simulator, `${name}/Partitions/${partition}`)
  const ids = Array.from({ length: partitionCount(hub) }, (_, index) => String(index))
  return {
    status: 200,
    description: 'OK',
    body: {
      name: hub.body.name,
      type: 'com.microsoft:eventhub',
      created_at: rhea.types.wrap_timestamp(hub.createdAt),
      partition_count: rhea.types.wrap_int(ids.length),
      partition_ids: rhea.types.wrap_array(ids, 0xa1, undefined),
      georeplication_factor: rhea.types.wrap_int(1),
    },
  }
}

function readPartition({ namespace }: ClientConnection, simulator: Simulator, path: string): Response {
  const entity = findEntity(simulator, namespace, path)
  if (!entity) return { status: 404, ...entityNotFound(simulator, namespace, path) }
  const { lastSequence, messages } = storeOf(simulator, namespace, entity.store)
  return {
    status: 200,
    description: 'OK',
    body: {
      name: path.split('/')[0],
      type: 'com.microsoft:partition',
      partition: entity.partition,
      begin_sequence_number: rhea.types.wrap_long(messages[0]?.sequence ?? 0),
      last_enqueued_sequence_number: rhea.types.wrap_long(lastSequence || -1),
      last_enqueued_offset: String(lastSequence || -1),
      last_enqueued_time_utc: rhea.types.wrap_timestamp(messages.at(-1)?.enqueuedAt ?? 0),
      is_partition_empty: messages.length === 0,
    },
  }
}
