import type { Reply } from '../../http.ts'
import { defaultProperties } from '../blob/account.ts'
import {
  deleteCollection,
  findCollection,
  isBeingDeleted,
  listCollections,
  newCollection,
} from '../collections.ts'
import { enumeration, xmlReply } from '../enumeration.ts'
import { alreadyExists, beingDeleted, collectionNotFound, invalidResourceName } from '../errors.ts'
import { metadataHeaders, metadataOf } from '../headers.ts'
import { isQueueName } from '../names.ts'
import { pageOf } from '../paging.ts'
import type { StorageRequest } from '../request.ts'
import type { Queue } from '../state.ts'
import { element } from '../xml.ts'

/** Returns the queue of the request without expired messages. Throws 404. */
export function requireQueue({ simulator, account, collection }: StorageRequest): Queue {
  const queue = findCollection(account.data.queues, collection)
  if (!queue) throw collectionNotFound('Queue')
  queue.messages = queue.messages.filter(({ expiresAt }) => expiresAt > simulator.now())
  return queue
}

const sameMetadata = (a: Record<string, string>, b: Record<string, string>) =>
  JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort())

export function createQueue({ call, simulator, account, collection: name }: StorageRequest): Reply {
  if (!isQueueName(name)) throw invalidResourceName()
  const all = account.data.queues
  const metadata = metadataOf(call)
  const existing = findCollection(all, name)
  if (existing && !sameMetadata(existing.metadata, metadata)) throw alreadyExists('Queue')
  if (existing) return { status: 204 }
  if (isBeingDeleted(simulator, all, name)) throw beingDeleted('Queue')
  all[name] = { ...newCollection(simulator, name, metadata), messages: [] }
  return { status: 201 }
}

export function getQueue(request: StorageRequest): Reply {
  const { metadata, messages } = requireQueue(request)
  return {
    status: 200,
    headers: { ...metadataHeaders(metadata), 'x-ms-approximate-messages-count': String(messages.length) },
  }
}

export function setQueueMetadata(request: StorageRequest): Reply {
  requireQueue(request).metadata = metadataOf(request.call)
  return { status: 204 }
}

export function deleteQueue(request: StorageRequest): Reply {
  deleteCollection(request.simulator, requireQueue(request))
  return { status: 204 }
}

export function listQueues(request: StorageRequest): Reply {
  const { call, account } = request
  const prefix = call.query('prefix') ?? ''
  const found = listCollections(account.data.queues).filter(({ name }) => name.startsWith(prefix))
  const { page, nextMarker } = pageOf(call, found, ({ name }) => name)
  const queues = page.map(({ name }) => element('Queue', [element('Name', name)]))
  return xmlReply(enumeration(request, 'queue', element('Queues', queues), nextMarker))
}

export const getQueueProperties = (): Reply =>
  xmlReply(element('StorageServiceProperties', defaultProperties))
