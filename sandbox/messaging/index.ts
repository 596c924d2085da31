import { type FailureKind, gatewayPage } from '../faults/failure-kinds.ts'
import type { Call, Reply } from '../http.ts'
import type { Service } from '../service.ts'
import type { Simulator } from '../simulator.ts'
import { answerHttp, errorReply } from './http-operations.ts'
import { audiences, findNamespace, label } from './namespaces.ts'

const webSocketPath = /^\/\$servicebus\/websocket$/i

async function handle(call: Call, simulator: Simulator): Promise<Reply> {
  const namespace = findNamespace(simulator, call.resource ?? '')
  if (webSocketPath.test(call.path)) {
    if (!namespace && call.resource !== undefined) return { status: 0 }
    // Only who uses the services pays for the library.
    const { serveWebSocket } = await import('./amqp.ts')
    return { status: 101, upgrade: (connection) => serveWebSocket(connection, simulator, namespace) }
  }
  return namespace ? answerHttp(call, simulator, namespace) : { status: 0 }
}

const failures: Record<string, string> = {
  408: 'The operation did not complete within the allotted timeout.',
  429: 'The request was terminated because the namespace is being throttled. Please wait 10 seconds and try again.',
  500: 'The service was unable to process the request; please retry the operation.',
  503: 'The request was terminated because the entity is being throttled. Please wait 2 seconds and try again.',
  504: 'The operation did not complete within the allotted timeout.',
}

function failure(_call: Call, _simulator: Simulator, kind: FailureKind): Reply {
  if (kind === '502') return gatewayPage(502, '502 - Bad Gateway')
  if (kind === 'busy' || kind === 'concurrent-write')
    return errorReply(409, 'Another conflicting operation is in progress.')
  return errorReply(Number(kind), failures[kind]!)
}

/** The data planes of Service Bus and Event Hubs: AMQP 1.0 over WebSocket, and sending over HTTP. */
export const messagingService: Service = {
  name: 'messaging',
  // Fixtures, and clients that connect to a custom endpoint, name the namespace in the AMQP connection only.
  address: { label, perResource: true, ownPaths: webSocketPath },
  audiences: () => Object.values(audiences).flat(),
  state: { key: 'messaging', create: () => ({}) },
  handle,
  failure,
}
