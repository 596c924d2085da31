import { setTimeout as delay } from 'node:timers/promises'
import { recipientOf } from '../audiences.ts'
import type { MessagingRequest } from '../data-plane.ts'
import { dataScope } from '../data-services.ts'
import { networkError } from '../network-error.ts'
import { isRecipient, refusal } from '../recipients.ts'
import { isTransientNetworkError, isTransientStatus } from '../request-retries.ts'
import { responseError } from '../response-error.ts'
import { ServiceError } from '../service-error.ts'
import { type AmqpConnection, AmqpError, connectAmqp, HandshakeRefusal } from './amqp.ts'
import type { ArmContext } from './arm-context.ts'

const timeout = 20_000
const maxAttempts = 3

interface Outcome {
  status: number
  description: string
  condition: string | undefined
  body: unknown
}

/** Sends a request, and throws the service's refusal. Service Bus and Event Hubs name the members differently. */
async function ask(
  connection: AmqpConnection,
  service: MessagingRequest['service'],
  node: string,
  message: { application_properties: object; body?: unknown },
): Promise<unknown> {
  const reply = await connection.request(node, message)
  const properties = (reply.application_properties ?? {}) as Record<string, unknown>
  const { status, description, condition, body }: Outcome = {
    status: Number(properties['status-code'] ?? properties.statusCode),
    description: String(properties['status-description'] ?? properties.statusDescription ?? ''),
    condition: (properties['error-condition'] ?? properties.errorCondition) as string | undefined,
    body: reply.body,
  }
  if (status >= 200 && status < 300) return status === 204 ? undefined : body
  const code = condition ?? (status === 404 ? 'amqp:not-found' : 'amqp:unauthorized-access')
  throw new ServiceError({ service, code, status, message: description })
}

async function prove(connection: AmqpConnection, request: MessagingRequest, token: string): Promise<number> {
  const { service, endpoint, entity, operation } = request
  const name = `sb://${new URL(endpoint).hostname}/${entity}`
  await ask(connection, service, '$cbs', {
    application_properties: { operation: 'put-token', type: 'jwt', name },
    body: token,
  })
  if (operation === 'attach') {
    await connection.attachSender(entity)
    return 0
  }
  if (operation === 'peek') {
    const found = await ask(connection, service, `${entity}/$management`, {
      application_properties: { operation: 'com.microsoft:peek-message' },
      body: await peekBody(),
    })
    return ((found as { messages?: unknown[] } | undefined)?.messages ?? []).length
  }
  const hub = await ask(connection, service, '$management', {
    application_properties: {
      operation: 'READ',
      type: 'com.microsoft:eventhub',
      name: entity,
      security_token: token,
    },
  })
  return ((hub as { partition_ids?: unknown[] } | undefined)?.partition_ids ?? []).length
}

async function peekBody() {
  const { default: rhea } = await import('rhea')
  return { 'from-sequence-number': rhea.types.wrap_long(1), 'message-count': rhea.types.wrap_int(1) }
}

/** Throws `ServiceError` unless the address, which a service returned, may receive the token. */
function requireRecipient({ cloud }: ArmContext, { service, endpoint }: MessagingRequest): void {
  const recipient = recipientOf(cloud, [dataScope(cloud, service)])
  if (isRecipient(recipient, endpoint)) return
  if (URL.canParse(endpoint)) throw refusal(`The token for ${recipient.service}`, [recipient], endpoint)
  throw new ServiceError({
    service,
    code: 'TokenNotForHost',
    message: `The namespace's address ${JSON.stringify(endpoint)} is not a URL`,
  })
}

async function probeOnce(arm: ArmContext, request: MessagingRequest, token: string): Promise<number> {
  const { http, signal } = arm
  const { endpoint } = request
  const { hostname } = new URL(endpoint)
  const began = performance.now()
  const report = (status: number | undefined, failure?: string) =>
    http.trace?.({
      method: 'GET',
      url: new URL('/$servicebus/websocket', endpoint).href,
      status,
      ms: Math.round(performance.now() - began),
      requestId: undefined,
      failure,
    })
  http.counts.reads++
  let connection: AmqpConnection | undefined
  try {
    connection = await connectAmqp({ endpoint, agent: http.agentFor(hostname), signal, timeout })
    report(101)
    return await prove(connection, request, token)
  } catch (error) {
    if (error instanceof HandshakeRefusal) report(error.status)
    else if (!connection) report(undefined, (error as { code?: string }).code ?? (error as Error).name)
    throw error
  } finally {
    connection?.close()
  }
}

/** Conditions of a service that is throttling or failing. */
const transientConditions = ['com.microsoft:server-busy', 'com.microsoft:timeout']

const isTransient = (error: unknown): boolean => {
  if (error instanceof AmqpError) return transientConditions.includes(error.condition)
  if (error instanceof HandshakeRefusal) return isTransientStatus(error.status)
  return isTransientNetworkError((error as { code?: string }).code)
}

function asServiceError(error: unknown, { service, endpoint }: MessagingRequest): ServiceError {
  if (error instanceof AmqpError)
    return new ServiceError({ service, code: error.condition, message: error.message })
  if (error instanceof HandshakeRefusal && isTransientStatus(error.status))
    return responseError(service, { status: error.status, text: '', header: error.header })
  return networkError(error, endpoint)
}

/** Proves access to a queue, a topic, a subscription or an event hub, as `DataPlane.probe` says. */
export async function probeMessaging(
  arm: ArmContext,
  request: MessagingRequest,
  token: string,
): Promise<number> {
  requireRecipient(arm, request)
  for (let attempt = 1; ; attempt++) {
    try {
      return await probeOnce(arm, request, token)
    } catch (error) {
      if (arm.signal.aborted || error instanceof ServiceError) throw error
      if (attempt >= maxAttempts || !isTransient(error)) throw asServiceError(error, request)
      await delay(500 * attempt, undefined, { signal: arm.signal })
    }
  }
}
