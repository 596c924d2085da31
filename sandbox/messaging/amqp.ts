import type { Socket } from 'node:net'
import rhea, { type Connection, type EventContext, type Receiver, type Sender } from 'rhea'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Connection as Upgraded } from '../http.ts'
import type { Simulator } from '../simulator.ts'
import type { ClientConnection } from './client-connection.ts'
import { sendCompleteFrames } from './complete-frames.ts'
import { closeConsumer, openConsumer } from './consumers.ts'
import { isManagement } from './entities.ts'
import { findNamespace, type Namespace } from './namespaces.ts'
import { openProducer, receiveMessages } from './producers.ts'
import { answerRequest } from './request-nodes.ts'

/** Largest message of a standard namespace. */
const maxMessageSize = 262_144

const webSockets = new WebSocketServer({
  noServer: true,
  perMessageDeflate: false,
  maxPayload: 4 * maxMessageSize,
  handleProtocols: (offered) => (offered.has('AMQPWSB10') ? 'AMQPWSB10' : false),
})

const isRequestNode = (address: string) => address.toLowerCase() === '$cbs' || isManagement(address)

const addressOf = (terminus: { address?: string } | undefined | null) => terminus?.address ?? ''

/** Serves AMQP 1.0 on a connection that a client upgrades to a WebSocket. */
export function serveWebSocket(
  { request, socket, head }: Upgraded,
  simulator: Simulator,
  namespace: Namespace | undefined,
): void {
  const clientAddress = request.socket.remoteAddress?.replace(/^::ffff:/, '') ?? ''
  webSockets.handleUpgrade(request, socket, head, (webSocket) => {
    const container = createContainer(simulator, namespace, clientAddress)
    // The declaration is that of a TCP socket; the code expects a WebSocket.
    container.websocket_accept(
      webSocket as WebSocket & Socket,
      {
        idle_time_out: 240_000,
        max_frame_size: 65_536,
        receiver_options: { max_message_size: maxMessageSize, credit_window: 100 },
        sender_options: { treat_modified_as_released: false },
      } as never,
    )
  })
}

/** Returns the namespace that a client names in the host name of its `open` frame. */
const namespaceOf = (simulator: Simulator, { hostname }: Connection) =>
  findNamespace(simulator, /^([^.:/]+)\./.exec(String(hostname ?? ''))?.[1]?.toLowerCase() ?? '')

function createContainer(simulator: Simulator, named: Namespace | undefined, clientAddress: string) {
  const container = rhea.create_container()
  const tokens: ClientConnection['tokens'] = new Map()
  const replyLinks: ClientConnection['replyLinks'] = new Set()
  let client: ClientConnection | undefined
  const connected =
    (handle: (client: ClientConnection, context: EventContext) => void) => (context: EventContext) => {
      if (client) handle(client, context)
    }
  container.on('connection_open', ({ connection }: EventContext) => {
    sendCompleteFrames(connection)
    const namespace = namespaceOf(simulator, connection) ?? named
    if (namespace) client = { namespace, clientAddress, tokens, replyLinks }
    else
      connection.close({ condition: 'amqp:not-found', description: `Unknown host '${connection.hostname}'.` })
  })
  container.on(
    'sender_open',
    connected((client, { sender }) => openSender(client, simulator, sender!)),
  )
  container.on(
    'receiver_open',
    connected((client, { receiver }) => openReceiver(client, simulator, receiver!)),
  )
  container.on(
    'message',
    connected((client, context) => onMessage(client, simulator, context)),
  )
  const forget = (sender: Sender | undefined) => {
    if (!sender) return
    replyLinks.delete(sender)
    closeConsumer(simulator, sender)
  }
  container.on('sender_close', ({ sender }: EventContext) => forget(sender))
  container.on('session_close', ({ session }: EventContext) => session?.each_sender(forget, () => true))
  container.on('disconnected', ({ connection }: EventContext) => {
    connection.each_sender?.(forget)
  })
  // A client that breaks the protocol loses its connection; without listeners, it would end the process.
  for (const event of [
    'error',
    'protocol_error',
    'connection_error',
    'session_error',
    'sender_error',
    'receiver_error',
  ])
    container.on(event, () => {})
  return container
}

/** Opens a link on which the client receives. */
function openSender(client: ClientConnection, simulator: Simulator, sender: Sender): void {
  const address = addressOf(sender.source)
  if (isRequestNode(address)) {
    sender.set_source({ address })
    sender.set_target({ address: addressOf(sender.target) })
    client.replyLinks.add(sender)
  } else openConsumer(client, simulator, sender, address)
}

/** Opens a link on which the client sends. */
function openReceiver(client: ClientConnection, simulator: Simulator, receiver: Receiver): void {
  const address = addressOf(receiver.target)
  if (isRequestNode(address)) {
    receiver.set_source({ address: addressOf(receiver.source) })
    receiver.set_target({ address })
  } else openProducer(client, simulator, receiver, address)
}

function onMessage(client: ClientConnection, simulator: Simulator, context: EventContext): void {
  const { message, receiver } = context
  const node = addressOf(receiver!.target)
  if (!isRequestNode(node)) receiveMessages(client, simulator, context, node)
  else if (message && !Buffer.isBuffer(message))
    answerRequest(client, simulator, node, message)
      .then((reply) => replyLink(client, node, message.reply_to)?.send(reply))
      .catch(() =>
        receiver!.connection.close({ condition: 'amqp:internal-error', description: 'The service failed.' }),
      )
}

/** Returns the link for the replies of a node: the one whose target the request names, else one from the node. */
function replyLink({ replyLinks }: ClientConnection, node: string, replyTo: unknown): Sender | undefined {
  const links = [...replyLinks].filter((link) => addressOf(link.source).toLowerCase() === node.toLowerCase())
  return links.find((link) => addressOf(link.target) === replyTo) ?? links.at(-1)
}
