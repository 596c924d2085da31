import { randomUUID } from 'node:crypto'
import { type FailureKind, gatewayPage } from '../faults/failure-kinds.ts'
import type { Call, Reply } from '../http.ts'
import type { Simulator } from '../simulator.ts'
import { AksError, ArmError } from './errors.ts'
import { subscriptionId } from './subscription-path.ts'

const messages = {
  408: ['RequestTimeout', 'The request timed out.'],
  500: ['InternalServerError', 'Encountered internal server error.'],
  503: ['ServiceUnavailable', 'The service is unavailable. Please try again later.'],
  504: [
    'GatewayTimeout',
    'The gateway did not receive a response from the service within the specified time period.',
  ],
} as const

function throttled({ method, path }: Call, { state }: Simulator): ArmError {
  const kind = method === 'GET' ? 'read' : 'write'
  return new ArmError(
    429,
    'SubscriptionRequestsThrottled',
    `Number of '${kind}' requests for subscription '${subscriptionId(path)}' actor '${state.operator.objectId}' exceeded. Please try again after '1' seconds.`,
    { by: 'gateway' },
  )
}

function conflicting({ path }: Call, kind: 'busy' | 'concurrent-write'): ArmError {
  if (/\/federatedIdentityCredentials\//i.test(path))
    return new ArmError(
      409,
      'ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity',
      `Too many Federated Identity Credentials are written concurrently for the managed identity '${path.replace(/\/federatedIdentityCredentials.*/i, '')}'. Concurrent Federated Identity Credentials writes under the same managed identity are not supported.`,
      { by: 'gateway' },
    )
  return kind === 'busy'
    ? new ArmError(
        409,
        'AnotherOperationInProgress',
        'Another operation on this or a dependent resource is in progress.',
        { by: 'gateway' },
      )
    : new ArmError(
        429,
        'RetryableErrorDueToAnotherOperation',
        'Operation is not completed because another operation on the same resource is in progress.',
        { by: 'gateway' },
      )
}

function aksError(kind: Exclude<FailureKind, '502'>, now: number): AksError {
  switch (kind) {
    case '429':
      return new AksError(429, 'Throttled', 'The request is throttled, please retry later.')
    case 'busy':
    case 'concurrent-write':
      return new AksError(
        409,
        'OperationNotAllowed',
        `Operation is not allowed because there's an in progress update managed cluster operation (operation ID: ${randomUUID()}) on the managed cluster started on UTC ${new Date(now).toISOString().slice(0, 19)}Z. Please wait for it to finish before starting a new operation. You can also use 'az aks operation-abort ...' to abort the ongoing operation.`,
      )
    default:
      return new AksError(Number(kind), messages[kind][0], messages[kind][1])
  }
}

function armError(call: Call, simulator: Simulator, kind: Exclude<FailureKind, '502'>): ArmError {
  switch (kind) {
    case '429':
      return throttled(call, simulator)
    case 'busy':
    case 'concurrent-write':
      return conflicting(call, kind)
    default:
      return new ArmError(Number(kind), messages[kind][0], messages[kind][1], { by: 'gateway' })
  }
}

/** Returns Resource Manager's reply for an injected failure; AKS has its own wording. */
export function armFailure(call: Call, simulator: Simulator, kind: FailureKind): Reply {
  if (kind === '502') return gatewayPage(502, '502 - Bad Gateway')
  const error = /\/managedClusters\//i.test(call.path)
    ? aksError(kind, simulator.now())
    : armError(call, simulator, kind)
  return error.reply()
}
