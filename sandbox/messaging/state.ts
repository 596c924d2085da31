/** A message of a queue or a subscription, or an event. */
export interface StoredMessage {
  /** Also the offset of an event. */
  sequence: number
  enqueuedAt: number
  /** The encoded AMQP message in base64. */
  content: string
  deliveries: number
  /** Set while a receiver has it: only the holder of the lock can settle it. */
  lock?: { token: string; until: number }
}

/** The messages of a queue, a subscription or a partition, oldest first. */
export interface MessageStore {
  lastSequence: number
  messages: StoredMessage[]
}

/** Stores by the lower-case resource ID of their namespace, then by their lower-case path (`hub/0` for a partition). */
export type MessagingState = Record<string, Record<string, MessageStore>>

declare module '../sandbox-state.ts' {
  interface SandboxState {
    messaging: MessagingState
  }
}
