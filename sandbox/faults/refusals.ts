import { randomUUID } from 'node:crypto'
import { AksError, ArmError } from '../arm/errors.ts'
import { entraErrorReply, EntraError as LoginRefusal } from '../entra/errors.ts'
import type { Call, Reply } from '../http.ts'
import { KubeError } from '../kube/errors.ts'
import type { Simulator } from '../simulator.ts'
import { conflict, VaultError } from '../vault/errors.ts'

/** A refusal as each service words it. Sources: the services' documentation, and answers that people pasted. */
export type Refused = '408' | '429' | '500' | '502' | '503' | '504' | 'busy' | 'concurrent-write'

type Shape = (call: Call, simulator: Simulator, what: Refused) => Reply

/** What a gateway says where the service said nothing. */
const page = (status: number, title: string): Reply => ({
  status,
  headers: { 'content-type': 'text/html' },
  body: `<html><head><title>${title}</title></head><body><h1>${title}</h1><p>The page cannot be displayed because an internal server error has occurred.</p></body></html>`,
})

const arm: Shape = (call, simulator, what) => {
  const aks = /\/managedClusters\//i.test(call.path)
  const refuse = (status: number, code: string, message: string) =>
    (aks
      ? new AksError(status, code, message)
      : new ArmError(status, code, message, { by: 'gateway' })
    ).reply()
  switch (what) {
    case '408':
      return refuse(408, 'RequestTimeout', 'The request timed out.')
    case '429':
      return aks
        ? refuse(429, 'Throttled', 'The request is throttled, please retry later.')
        : refuse(
            429,
            'SubscriptionRequestsThrottled',
            `Number of '${call.method === 'GET' ? 'read' : 'write'}' requests for subscription '${simulator.state.subscription.id}' actor '${simulator.state.operator.objectId}' exceeded. Please try again after '1' seconds.`,
          )
    case '500':
      return refuse(500, 'InternalServerError', 'Encountered internal server error.')
    case '502':
      return page(502, '502 - Bad Gateway')
    case '503':
      return refuse(503, 'ServiceUnavailable', 'The service is unavailable. Please try again later.')
    case '504':
      return refuse(
        504,
        'GatewayTimeout',
        'The gateway did not receive a response from the service within the specified time period.',
      )
    case 'busy':
    case 'concurrent-write':
      if (aks)
        return refuse(
          409,
          'OperationNotAllowed',
          `Operation is not allowed because there's an in progress update managed cluster operation (operation ID: ${randomUUID()}) on the managed cluster started on UTC ${new Date(simulator.now()).toISOString().slice(0, 19)}Z. Please wait for it to finish before starting a new operation. You can also use 'az aks operation-abort ...' to abort the ongoing operation.`,
        )
      if (/\/federatedIdentityCredentials\//i.test(call.path))
        return refuse(
          409,
          'ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity',
          `Too many Federated Identity Credentials are written concurrently for the managed identity '${call.path.replace(/\/federatedIdentityCredentials.*/i, '')}'. Concurrent Federated Identity Credentials writes under the same managed identity are not supported.`,
        )
      return what === 'busy'
        ? refuse(
            409,
            'AnotherOperationInProgress',
            'Another operation on this or a dependent resource is in progress.',
          )
        : refuse(
            429,
            'RetryableErrorDueToAnotherOperation',
            'Operation is not completed because another operation on the same resource is in progress.',
          )
  }
}

const graph: Shape = (call, simulator, what) => {
  const refuse = (status: number, code: string, message: string): Reply => ({
    status,
    body: {
      error: {
        code,
        message,
        innerError: {
          date: new Date(simulator.now()).toISOString().slice(0, 19),
          'request-id': randomUUID(),
          'client-request-id': call.headers['client-request-id'] ?? randomUUID(),
        },
      },
    },
  })
  switch (what) {
    case '408':
      return refuse(408, 'RequestTimeout', 'The request timed out.')
    case '429':
      return refuse(
        429,
        'TooManyRequests',
        `Too many requests from Identifier:${simulator.state.operator.clientId} under category:throttle.msods.reads. Please try again later.`,
      )
    case '500':
      return refuse(500, 'InternalServerError', 'An internal server error occurred.')
    case '502':
      return page(502, '502 - Bad Gateway')
    case '503':
      return refuse(503, 'ServiceUnavailable', 'Service is temporarily unavailable. Please try again later.')
    case '504':
      return refuse(504, 'GatewayTimeout', 'The service did not answer in time.')
    default:
      return refuse(
        409,
        'Directory_ConcurrencyViolation',
        'Error due to concurrent requests being made to the tenant. Please wait briefly and retry.',
      )
  }
}

const login: Shape = (_, simulator, what) => {
  if (what === '502') return page(502, '502 - Bad Gateway')
  const status = what === 'busy' || what === 'concurrent-write' ? 503 : Number(what)
  const refused = new LoginRefusal(
    90033,
    'temporarily_unavailable',
    status,
    'A transient error has occurred. Please try again.',
  )
  return entraErrorReply(refused, simulator.now(), randomUUID(), randomUUID())
}

const vault: Shape = (call, _, what) => {
  const refuse = (status: number, code: string, message: string) =>
    new VaultError({ status, body: { error: { code, message } } }).reply
  switch (what) {
    case '408':
      return refuse(408, 'RequestTimeout', 'The request timed out.')
    case '429':
      return refuse(
        429,
        'Throttled',
        'Request was not processed because too many requests were received. Please try again later.',
      )
    case '500':
      return refuse(500, 'InternalServerError', 'An unexpected error occurred.')
    case '502':
      return page(502, '502 - Bad Gateway')
    case '503':
      return refuse(503, 'ServiceUnavailable', 'The service is temporarily unavailable.')
    case '504':
      return refuse(504, 'GatewayTimeout', 'The service did not answer in time.')
    default:
      return conflict(
        'ObjectIsBeingDeleted',
        `Secret ${call.segments[1] ?? ''} is currently being deleted and cannot be re-created; retry later.`,
      ).reply
  }
}

const kube: Shape = (call, _, what) => {
  const refuse = (status: number, reason: string, message: string): Reply => ({
    status,
    headers: { 'content-type': 'application/json', 'audit-id': randomUUID() },
    body: new KubeError(status, reason, message).status,
  })
  switch (what) {
    case '408':
      return refuse(408, 'Timeout', 'the request timed out')
    case '429':
      return refuse(429, 'TooManyRequests', 'too many requests, please try again later')
    case '500':
      return refuse(500, 'InternalError', 'Internal error occurred: etcdserver: request timed out')
    case '502':
      return page(502, '502 Bad Gateway')
    case '503':
      return refuse(503, 'ServiceUnavailable', 'the server is currently unable to handle the request')
    case '504':
      return refuse(504, 'Timeout', 'request did not complete within the allotted timeout')
    default:
      return refuse(
        409,
        'Conflict',
        `Operation cannot be fulfilled on ${call.segments.at(-2)} "${call.segments.at(-1)}": the object has been modified; please apply your changes to the latest version and try again`,
      )
  }
}

const shapes: Record<Call['role'], Shape> = {
  arm,
  graph,
  login,
  vault,
  kube,
  issuer: (_call, _cloud, what) =>
    page(what === 'busy' || what === 'concurrent-write' ? 503 : Number(what), 'Service unavailable'),
  control: () => page(500, 'Never'),
}

/** The answer by which the service of this request refuses it. `retryAfter` in seconds. */
export function refusal(
  call: Call,
  simulator: Simulator,
  what: Refused,
  retryAfter: number | undefined,
): Reply {
  const reply = shapes[call.role](call, simulator, what)
  const id = randomUUID()
  return {
    ...reply,
    headers: {
      'x-ms-request-id': id,
      ...(call.role === 'graph' ? { 'request-id': id } : {}),
      ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
      ...reply.headers,
    },
  }
}
