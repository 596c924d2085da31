import rhea, { type Message } from 'rhea'
import type { Simulator } from '../simulator.ts'
import { holderOf } from './authentication.ts'
import type { ClientConnection } from './client-connection.ts'
import { entityPath, findEntity } from './entities.ts'
import { addressBlocked, badToken, entityNotFound } from './errors.ts'
import { eventHubOperation } from './event-hub-management.ts'
import { admits } from './namespaces.ts'
import type { Response } from './response.ts'
import { serviceBusOperation } from './service-bus-management.ts'

async function putToken(
  connection: ClientConnection,
  simulator: Simulator,
  request: Message,
): Promise<Response> {
  const { namespace } = connection
  const { operation, name } = (request.application_properties ?? {}) as Record<string, unknown>
  if (operation !== 'put-token' || typeof name !== 'string' || typeof request.body !== 'string')
    return { status: 400, description: `Invalid command '${operation}'.` }
  const path = entityPath(name)
  if (!admits(simulator, namespace, connection.clientAddress))
    return { status: 401, ...addressBlocked(simulator, namespace) }
  const holder = await holderOf(simulator, namespace, request.body)
  if (typeof holder === 'object' && 'problem' in holder)
    return { status: 401, ...badToken(simulator, namespace, holder.problem) }
  if (!findEntity(simulator, namespace, path))
    return { status: 404, ...entityNotFound(simulator, namespace, path) }
  connection.tokens.set(path.toLowerCase(), holder)
  return { status: 202, description: 'Accepted' }
}

/** Answers a request to a node such as `$cbs` or `orders/$management`. */
export async function answerRequest(
  connection: ClientConnection,
  simulator: Simulator,
  node: string,
  request: Message,
): Promise<Message> {
  const isCbs = node.toLowerCase() === '$cbs'
  const isHub = connection.namespace.kind === 'eventhub'
  const handle = isCbs ? putToken : isHub ? eventHubOperation : serviceBusOperation
  const { status, description, condition, body } = await handle(
    connection,
    simulator,
    request,
    entityPath(node),
  )
  const code = rhea.types.wrap_int(status)
  const properties =
    isCbs || isHub
      ? {
          'status-code': code,
          'status-description': description,
          ...(condition && { 'error-condition': condition }),
        }
      : { statusCode: code, statusDescription: description, ...(condition && { errorCondition: condition }) }
  return {
    correlation_id: request.message_id,
    application_properties: properties,
    body: body ?? null,
  } as unknown as Message
}
