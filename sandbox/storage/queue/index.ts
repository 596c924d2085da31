import { type DataPlane, dataPlaneService } from '../data-plane.ts'
import { xmlError } from '../error-bodies.ts'
import { splitPath } from '../path.ts'
import { control, data, type StorageOperation } from '../request.ts'
import {
  clearMessages,
  deleteMessage,
  getMessages,
  peekMessages,
  putMessage,
  updateMessage,
} from './messages.ts'
import {
  createQueue,
  deleteQueue,
  getQueue,
  getQueueProperties,
  listQueues,
  setQueueMetadata,
} from './queues.ts'

const service = 'queueServices'
const queues = `${service}/queues`
const messages = `${queues}/messages`
const list = { comp: 'list' }
const metadata = { comp: 'metadata' }

// learn: "Permissions for queue service operations". Operations on queues are control actions.
const operations: StorageOperation[] = [
  { method: 'GET', on: 'account', select: list, permission: control(`${queues}/read`), handler: listQueues },
  {
    method: 'GET',
    on: 'account',
    select: { restype: 'service', comp: 'properties' },
    permission: control(`${service}/read`),
    handler: getQueueProperties,
  },
  { method: 'PUT', on: 'collection', permission: control(`${queues}/write`), handler: createQueue },
  { method: 'DELETE', on: 'collection', permission: control(`${queues}/delete`), handler: deleteQueue },
  ...['GET', 'HEAD'].map((method) => ({
    method,
    on: 'collection',
    select: metadata,
    permission: control(`${queues}/read`),
    handler: getQueue,
  })),
  {
    method: 'PUT',
    on: 'collection',
    select: metadata,
    permission: control(`${queues}/write`),
    handler: setQueueMetadata,
  },
  {
    method: 'POST',
    on: 'messages',
    permission: data(`${messages}/write`, `${messages}/add/action`),
    handler: putMessage,
  },
  {
    method: 'GET',
    on: 'messages',
    select: { peekonly: 'true' },
    permission: data(`${messages}/read`),
    handler: peekMessages,
  },
  {
    method: 'GET',
    on: 'messages',
    permission: data(`${messages}/process/action`, [`${messages}/delete`, `${messages}/read`]),
    handler: getMessages,
  },
  { method: 'DELETE', on: 'messages', permission: data(`${messages}/delete`), handler: clearMessages },
  { method: 'PUT', on: 'item', permission: data(`${messages}/write`), handler: updateMessage },
  {
    method: 'DELETE',
    on: 'item',
    permission: data(`${messages}/process/action`, `${messages}/delete`),
    handler: deleteMessage,
  },
]

const plane: DataPlane = {
  name: 'queue',
  server: 'Windows-Azure-Queue/1.0',
  noun: 'Queue',
  operations,
  parsePath(call) {
    const { collection, item } = splitPath(call)
    const [, message] = /^messages(?:\/(.*))?$/.exec(item) ?? []
    if (message) return { on: 'item', collection, item: message }
    if (item !== '') return { on: item.startsWith('messages') ? 'messages' : 'unknown', collection, item: '' }
    return { on: collection ? 'collection' : 'account', collection, item: '' }
  },
  scopeOf: ({ collection }) => (collection === '' ? '' : `/${service}/default/queues/${collection}`),
  errorBody: xmlError,
}

/** Queue storage. */
export const queueService = dataPlaneService(plane)
