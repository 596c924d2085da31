import type { Reply } from '../http.ts'
import { ArmError } from './errors.ts'
import { retryAfter } from './operations.ts'
import { operationType } from './providers.ts'
import type { ArmRequest, ArmRoute } from './request.ts'
import type { Operation } from './state.ts'
import { dotNetTimestamp } from './timestamps.ts'

function requireOperation({ simulator, params }: ArmRequest): Operation {
  const operation = simulator.state.arm.operations[params.operation!.toLowerCase()]
  if (!operation || operation.ending === 'gone')
    throw new ArmError(404, 'NotFound', `The entity was not found: operation '${params.operation}'.`)
  return operation
}

function statusOf({ finished, ending, error }: Operation): string {
  if (!finished) return 'InProgress'
  if (ending === 'canceled') return 'Canceled'
  return error ? 'Failed' : 'Succeeded'
}

function getStatus(request: ArmRequest): Reply {
  const operation = requireOperation(request)
  const { id, startedAt, endsAt, finished, error } = operation
  return {
    status: 200,
    headers: {
      'content-type': 'application/json',
      ...(finished ? {} : { 'retry-after': retryAfter(request.simulator, operation) }),
    },
    body: {
      name: id,
      status: statusOf(operation),
      startTime: dotNetTimestamp(startedAt),
      ...(finished && { endTime: dotNetTimestamp(endsAt) }),
      ...(error && { error }),
    },
  }
}

function getResult(request: ArmRequest): Reply {
  const operation = requireOperation(request)
  const isGroup = operation.kind === 'deleteGroup'
  const type = isGroup ? undefined : operationType(operation.kind)
  if (!operation.finished)
    return {
      status: 202,
      headers: { location: request.call.url.href, 'retry-after': retryAfter(request.simulator, operation) },
      ...(type?.pendingBody && { body: type.pendingBody(operation) }),
    }
  if (operation.error) throw new ArmError(409, operation.error.code, operation.error.message)
  if (type?.resultBody) return { status: 200, body: type.resultBody(operation, request.simulator) }
  return { status: isGroup ? 200 : 204 }
}

const provider = '/subscriptions/:subscription/providers/:namespace/locations/:location'

/** The URLs of operations are handed out as secrets, so they need no permission. */
export const operationRoutes: ArmRoute[] = [
  ...['operations', 'operationsStatus', 'operationStatuses', 'azureAsyncOperation'].map(
    (collection): ArmRoute => ({
      method: 'GET',
      path: `${provider}/${collection}/:operation`,
      action: 'none',
      handler: getStatus,
    }),
  ),
  { method: 'GET', path: `${provider}/operationresults/:operation`, action: 'none', handler: getResult },
  { method: 'GET', path: `${provider}/asyncoperations/:operation`, action: 'none', handler: getResult },
  // Of a resource within an account.
  {
    method: 'GET',
    path: '/subscriptions/:subscription/resourceGroups/:group/providers/:resource*/operationResults/:operation',
    action: 'none',
    handler: getResult,
  },
  {
    method: 'GET',
    path: '/subscriptions/:subscription/operationresults/:operation',
    action: 'none',
    handler: getResult,
  },
]
