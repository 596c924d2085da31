import type { Target } from './target.ts'

/** What Service Bus and Event Hubs mean by an error: role, network and token have the same condition. */
export const messagingRefusal: NonNullable<Target['refusal']> = ({ code, message }) => {
  if (/^Ip has been prevented/.test(message)) return 'network'
  if (/claim\(s\) are required/.test(message)) return 'role'
  if (code === 'amqp:not-found') return 'entity'
  return code === 'amqp:unauthorized-access' ? 'token' : undefined
}
