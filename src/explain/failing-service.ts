import { STATUS_CODES } from 'node:http'
import type { FailedRequest, ServiceError, ServiceName } from '../clients/service-error.ts'
import { isUnavailable, isUndetermined } from '../clients/unavailable.ts'
import type { Explained, FailingService } from './explained.ts'

const names: Readonly<Record<ServiceName, string>> = {
  arm: 'Azure Resource Manager',
  graph: 'Microsoft Graph',
  entra: 'Microsoft Entra ID',
  vault: 'Key Vault',
  storage: 'Azure Storage',
  appconfig: 'App Configuration',
  cosmos: 'Cosmos DB',
  openai: 'Azure OpenAI',
  acr: 'Container Registry',
  servicebus: 'Service Bus',
  eventhub: 'Event Hubs',
  sql: 'Azure SQL',
  postgresql: 'Azure Database for PostgreSQL',
  kubernetes: 'The Kubernetes API server',
  helm: 'The chart repository',
  // Only the documents of an issuer are read from a service without its own name.
  network: 'The issuer',
}

const toFailingService = (request: FailedRequest): FailingService => ({
  name: names[request.service],
  status: request.status ?? null,
  operation: request.operation,
  resource: request.resource,
  attempts: request.attempts,
  retryAfter: request.retryAfterMs === undefined ? null : Math.ceil(request.retryAfterMs / 1000),
})

/** `read vault kv-shop` → `reading vault kv-shop`. */
const gerund = (operation: string) => operation.replace(/^\w+/, (verb) => `${verb.replace(/e$/, '')}ing`)

const timesText = (attempts: number) => (attempts > 1 ? ` ${attempts} times` : '')

const triesText = (attempts: number) => (attempts > 1 ? ` (${attempts} attempts)` : '')

/** Returns `503 (Service Unavailable)`. */
const statusText = (status: number): string => {
  const text = STATUS_CODES[status]
  return text ? `${status} (${text})` : String(status)
}

function summary({ name, status, operation, attempts }: FailingService, what: string): string {
  if (status !== null)
    return `${name} returned ${statusText(status)}${timesText(attempts)} while ${gerund(operation)}`
  const cause = what.replace(/^The /, 'the ')
  return `${name} can't be reached to ${operation}: ${cause}${triesText(attempts)}`
}

/** Returns which service failed at what, without the cause of a failed connection. */
export const failingServiceText = (service: FailingService): string => {
  const { status, name, operation, attempts } = service
  return status === null
    ? `${name} can't be reached to ${operation}${triesText(attempts)}`
    : summary(service, '')
}

/** Returns `30 seconds`, `2 minutes`. */
const waitText = (seconds: number) =>
  seconds < 120
    ? `${Math.max(1, seconds)} second${seconds > 1 ? 's' : ''}`
    : `${Math.ceil(seconds / 60)} minutes`

/** Returns how long to wait for a service that responded. */
export const waitRemedy = ({ retryAfter }: FailingService): string =>
  `Wait ${retryAfter === null ? 'a minute' : waitText(retryAfter)}`

/** Adds to an explanation which service failed, at what and how often, if that is known of the error. */
export function withFailingService(explained: Explained, error: ServiceError): Explained {
  const { request } = error
  if (!request) return explained
  const service = toFailingService(request)
  if (!isUndetermined(error)) return { ...explained, service }
  const original = explained.original ?? error.message
  if (!isUnavailable(error))
    return { ...explained, what: `${explained.what} (${service.name}: ${service.operation})`, service }
  const what = summary(service, explained.what)
  if (service.status === null) return { ...explained, what, service }
  // The explanations of a document's status are about an issuer that does not publish it.
  const why = request.service === 'network' ? [] : explained.why
  return {
    ...explained,
    what,
    why,
    original,
    remedy: `${waitRemedy(service)}, then run the same command again`,
    service,
  }
}

/** Returns what a run waits for, without the number of attempts, which changes; undefined if no service failed. */
export function waitingText({ service }: Pick<Explained, 'service'>): string | undefined {
  if (!service) return undefined
  const { name, status, operation } = service
  const who = name.replace(/^The /, 'the ')
  return status === null
    ? `waiting for ${who}, which can't be reached to ${operation}`
    : `waiting for ${who}, which returned ${statusText(status)} while ${gerund(operation)}`
}
