import rhea, { type Message } from 'rhea'
import type { StoredMessage } from './state.ts'

/** The format of a message that contains several encoded messages. */
const batchFormat = 0x80013700

/** Returns the encoded messages of a transfer. */
export function encodedMessages(message: Message | Buffer, format: number): Buffer[] {
  if (!Buffer.isBuffer(message)) return [rhea.message.encode(message)]
  if (format !== batchFormat) return [message]
  const { content } = rhea.message.decode(message).body as { content: Buffer | Buffer[] }
  return [content].flat()
}

/** Returns a stored message as a receiver gets it: with the annotations of the service. */
export function delivered({ content, sequence, enqueuedAt, deliveries, lock }: StoredMessage): Buffer {
  const message = rhea.message.decode(Buffer.from(content, 'base64'))
  return rhea.message.encode({
    ...message,
    delivery_count: Math.max(0, deliveries - 1),
    message_annotations: {
      ...message.message_annotations,
      'x-opt-sequence-number': rhea.types.wrap_long(sequence),
      'x-opt-enqueued-time': rhea.types.wrap_timestamp(enqueuedAt),
      ...(lock && { 'x-opt-locked-until': rhea.types.wrap_timestamp(lock.until) }),
    },
  })
}

/** Returns a stored event as a consumer gets it. */
export function deliveredEvent({ content, sequence, enqueuedAt }: StoredMessage): Buffer {
  const message = rhea.message.decode(Buffer.from(content, 'base64'))
  return rhea.message.encode({
    ...message,
    message_annotations: {
      ...message.message_annotations,
      'x-opt-sequence-number': rhea.types.wrap_long(sequence),
      'x-opt-offset': String(sequence),
      'x-opt-enqueued-time': rhea.types.wrap_timestamp(enqueuedAt),
    },
  })
}

/** A lock token as a delivery tag: a GUID in the byte order of .NET. */
export function tagOf(token: string): Buffer {
  const bytes = Buffer.from(token.replaceAll('-', ''), 'hex')
  return Buffer.concat([
    bytes.subarray(0, 4).reverse(),
    bytes.subarray(4, 6).reverse(),
    bytes.subarray(6, 8).reverse(),
    bytes.subarray(8),
  ])
}
