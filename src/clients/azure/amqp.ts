import { randomUUID } from 'node:crypto'
import type { Agent } from 'node:https'
import type { Connection, ConnectionOptions, EventContext, Message } from 'rhea'

/** The service ends a link or the connection, and why. */
export class AmqpError extends Error {
  readonly condition: string
  constructor(condition: string, description: string) {
    super(description)
    this.condition = condition
  }
}

/** The service answered the handshake of the WebSocket with a status of HTTP. */
export class HandshakeRefusal extends Error {
  readonly status: number
  readonly header: (name: string) => string | undefined
  constructor(status: number, headers: Record<string, string | string[] | undefined>) {
    super(`The service returned status ${status}`)
    this.status = status
    this.header = (name) => headers[name]?.toString()
  }
}

/** A connection over which nothing is received or sent but what these functions do. */
export interface AmqpConnection {
  /** Sends a request to a node and returns the response. Throws `AmqpError` if the node refuses the link. */
  request(node: string, message: { application_properties: object; body?: unknown }): Promise<Message>
  /** Attaches a link for sending, and sends nothing. Throws `AmqpError` if the service refuses it. */
  attachSender(address: string): Promise<void>
  close(): void
}

export interface AmqpOptions {
  /** `https://sb-shop.servicebus.windows.net:443/` */
  endpoint: string
  agent: Agent | undefined
  signal: AbortSignal
  /** Until the connection is given up, in ms. */
  timeout: number
}

const maxMessage = 1024 * 1024

interface Failure {
  condition?: string
  description?: string
  message?: string
  error?: unknown
}

/** Returns the reason of an event: of the service, or of the network. */
function reasonOf({ connection, session, sender, receiver, error }: EventContext): Error {
  const own = (sender?.error ?? receiver?.error ?? session?.error ?? connection?.error) as Failure | undefined
  if (own?.condition) return new AmqpError(String(own.condition), own.description ?? '')
  const outer = error as Failure | undefined
  const cause = outer?.error ?? outer
  return cause instanceof Error
    ? cause
    : Object.assign(new Error('the connection was interrupted'), { code: 'ECONNRESET' })
}

/** Connects over a WebSocket, which passes where port 5671 of AMQP is closed. Throws `HandshakeRefusal`, or the error of the network. */
export async function connectAmqp(options: AmqpOptions): Promise<AmqpConnection> {
  const [{ default: rhea }, { WebSocket }] = await Promise.all([import('rhea'), import('ws')])
  const { host, hostname } = new URL(options.endpoint)
  const container = rhea.create_container()
  const refused = Promise.withResolvers<never>()
  // It may be refused while nobody waits.
  refused.promise.catch(() => {})
  class Socket extends WebSocket {
    constructor(...args: ConstructorParameters<typeof WebSocket>) {
      super(...args)
      this.once('unexpected-response', (_, { statusCode = 0, headers }) => {
        refused.reject(new HandshakeRefusal(statusCode, headers))
        this.terminate()
      })
    }
  }
  const failed = Promise.race([refused.promise, failureOf(container, options)])
  failed.catch(() => {})
  const connect = container.websocket_connect(Socket as never)
  const connection = container.connect({
    connection_details: connect(`wss://${host}/$servicebus/websocket`, ['AMQPWSB10'], {
      agent: options.agent,
      handshakeTimeout: options.timeout,
      perMessageDeflate: false,
      maxPayload: maxMessage,
    }),
    hostname,
    username: 'anonymous',
    reconnect: false,
  } as unknown as ConnectionOptions)
  const close = () => connection.close()
  const orFailed = <T>(done: Promise<T>) => Promise.race([done, failed])
  await orFailed(new Promise<void>((resolve) => connection.once('connection_open', () => resolve()))).catch(
    (error) => {
      close()
      throw error
    },
  )
  return {
    request: (node, message) => orFailed(request(connection, node, message)),
    attachSender: (address) => orFailed(attachSender(connection, address)),
    close,
  }
}

/** Rejects when the connection fails, the time is over, or the caller gives up. */
function failureOf(container: NodeJS.EventEmitter, { signal, timeout }: AmqpOptions): Promise<never> {
  const failed = new Promise<never>((_, reject) => {
    for (const event of ['disconnected', 'connection_error', 'session_error', 'error', 'protocol_error'])
      container.on(event, (context: EventContext | Error) =>
        reject(context instanceof Error ? context : reasonOf(context)),
      )
    const late = Object.assign(new Error(`no complete response within ${timeout / 1000} s`), {
      code: 'ETIMEDOUT',
    })
    const stop = AbortSignal.any([signal, AbortSignal.timeout(timeout)])
    stop.addEventListener('abort', () => reject(signal.aborted ? signal.reason : late))
    if (signal.aborted) reject(signal.reason)
  })
  // It may fail while nobody waits.
  failed.catch(() => {})
  return failed
}

const request = (
  connection: Connection,
  node: string,
  message: { application_properties: object; body?: unknown },
) =>
  new Promise<Message>((resolve, reject) => {
    const id = randomUUID()
    const receiver = connection.open_receiver({ source: { address: node }, target: { address: id } })
    const sender = connection.open_sender({ target: { address: node } })
    const refuse = (context: EventContext) => reject(reasonOf(context))
    receiver.once('receiver_error', refuse)
    sender.once('sender_error', refuse)
    receiver.once('message', ({ message: reply }: EventContext) => resolve(reply!))
    sender.once('sendable', () =>
      sender.send({ ...message, message_id: id, reply_to: id } as unknown as Message),
    )
  })

const attachSender = (connection: Connection, address: string) =>
  new Promise<void>((resolve, reject) => {
    const sender = connection.open_sender({ target: { address } })
    sender.once('sender_error', (context: EventContext) => reject(reasonOf(context)))
    // A link without a target is refused: the reason follows.
    sender.once('sender_open', () => {
      if (sender.target?.address) resolve()
    })
  })
