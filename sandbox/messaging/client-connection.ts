import type { Sender } from 'rhea'
import type { Holder } from './authentication.ts'
import type { Namespace } from './namespaces.ts'

/** One AMQP connection of a client. */
export interface ClientConnection {
  namespace: Namespace
  clientAddress: string
  /** Holders of the tokens that the client has put, by the lower-case path that the token is for. */
  tokens: Map<string, Holder>
  /** Links on which it receives the replies of request nodes. */
  replyLinks: Set<Sender>
}
