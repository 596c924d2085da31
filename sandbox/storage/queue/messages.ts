import { randomBytes, randomUUID } from 'node:crypto'
import type { Reply } from '../../http.ts'
import { xmlReply } from '../enumeration.ts'
import { invalidQuery, invalidXml, StorageError } from '../errors.ts'
import { httpDate } from '../headers.ts'
import type { StorageRequest } from '../request.ts'
import type { Message } from '../state.ts'
import { element, textOf } from '../xml.ts'
import { requireQueue } from './queues.ts'

const week = 7 * 86_400
const newPopReceipt = () => randomBytes(12).toString('base64')

/** Returns a query parameter as an integer between the limits. Throws 400. */
function integer(
  { call }: StorageRequest,
  name: string,
  limits: { default: number; from: number; to: number },
) {
  const text = call.query(name)
  if (text === undefined) return limits.default
  const value = Number(text)
  if (!Number.isInteger(value)) throw invalidQuery()
  if (value < limits.from || value > limits.to)
    throw new StorageError(
      400,
      'OutOfRangeQueryParameterValue',
      'One of the query parameters specified in the request URI is outside the permissible range.',
    )
  return value
}

const count = (request: StorageRequest) => integer(request, 'numofmessages', { default: 1, from: 1, to: 32 })

/** `peek`: without what is needed to delete it. `put`: without its text. */
function view(message: Message, as: 'get' | 'peek' | 'put') {
  return element('QueueMessage', [
    element('MessageId', message.id),
    element('InsertionTime', httpDate(message.insertedAt)),
    element('ExpirationTime', httpDate(message.expiresAt)),
    ...(as === 'peek'
      ? []
      : [element('PopReceipt', message.popReceipt), element('TimeNextVisible', httpDate(message.visibleAt))]),
    ...(as === 'put'
      ? []
      : [element('DequeueCount', message.dequeueCount), element('MessageText', message.text)]),
  ])
}

const listReply = (messages: Message[], as: 'get' | 'peek' | 'put'): Reply =>
  xmlReply(
    element(
      'QueueMessagesList',
      messages.map((message) => view(message, as)),
    ),
  )

const bodyText = ({ call }: StorageRequest): string => {
  const text = textOf(call.body.toString('utf8'), 'MessageText')
  if (text === undefined) throw invalidXml()
  if (Buffer.byteLength(text) > 65_536)
    throw new StorageError(
      400,
      'RequestBodyTooLarge',
      'The request body is too large and exceeds the maximum permissible limit.',
    )
  return text
}

export function putMessage(request: StorageRequest): Reply {
  const queue = requireQueue(request)
  const text = bodyText(request)
  const hidden = integer(request, 'visibilitytimeout', { default: 0, from: 0, to: week })
  const ttl = integer(request, 'messagettl', { default: week, from: -1, to: 2 ** 31 })
  const now = request.simulator.now()
  const message: Message = {
    id: randomUUID(),
    text,
    popReceipt: newPopReceipt(),
    insertedAt: now,
    expiresAt: ttl === -1 ? Date.UTC(9999, 11, 31) : now + ttl * 1000,
    visibleAt: now + hidden * 1000,
    dequeueCount: 0,
  }
  queue.messages.push(message)
  return { ...listReply([message], 'put'), status: 201 }
}

const visible = (request: StorageRequest): Message[] =>
  requireQueue(request)
    .messages.filter(({ visibleAt }) => visibleAt <= request.simulator.now())
    .slice(0, count(request))

export const peekMessages = (request: StorageRequest): Reply => listReply(visible(request), 'peek')

/** Returns messages, and hides them from others for some time. */
export function getMessages(request: StorageRequest): Reply {
  const hidden = integer(request, 'visibilitytimeout', { default: 30, from: 1, to: week })
  const messages = visible(request)
  for (const message of messages) {
    message.visibleAt = request.simulator.now() + hidden * 1000
    message.popReceipt = newPopReceipt()
    message.dequeueCount += 1
  }
  return listReply(messages, 'get')
}

export function clearMessages(request: StorageRequest): Reply {
  requireQueue(request).messages = []
  return { status: 204 }
}

function requireMessage(request: StorageRequest): Message {
  const message = requireQueue(request).messages.find(({ id }) => id === request.item)
  if (!message) throw new StorageError(404, 'MessageNotFound', 'The specified message does not exist.')
  if (message.popReceipt !== request.call.query('popreceipt'))
    throw new StorageError(
      400,
      'PopReceiptMismatch',
      'The specified pop receipt did not match the pop receipt for a dequeued message.',
    )
  return message
}

export function updateMessage(request: StorageRequest): Reply {
  const message = requireMessage(request)
  const hidden = integer(request, 'visibilitytimeout', { default: 0, from: 0, to: week })
  if (request.call.body.length > 0) message.text = bodyText(request)
  message.visibleAt = request.simulator.now() + hidden * 1000
  message.popReceipt = newPopReceipt()
  return {
    status: 204,
    headers: {
      'x-ms-popreceipt': message.popReceipt,
      'x-ms-time-next-visible': httpDate(message.visibleAt),
    },
  }
}

export function deleteMessage(request: StorageRequest): Reply {
  const message = requireMessage(request)
  const queue = requireQueue(request)
  queue.messages = queue.messages.filter((each) => each !== message)
  return { status: 204 }
}
