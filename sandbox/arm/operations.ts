import { randomUUID } from 'node:crypto'
import type { Duration } from '../durations.ts'
import type { Reply } from '../http.ts'
import type { Simulator } from '../simulator.ts'
import { ArmError } from './errors.ts'
import type { ArmRequest, ArmRoute } from './request.ts'
import type { Operation, OperationKind } from './state.ts'
import { dotNetTimestamp } from './timestamps.ts'

/** Starts an operation on a resource; it ends by itself after the durations together. */
export function startOperation(
  simulator: Simulator,
  kind: OperationKind,
  on: { id: string; region: string },
  ...durations: Duration[]
): Operation {
  const startedAt = simulator.now()
  const operation: Operation = {
    id: randomUUID(),
    resourceId: on.id.toLowerCase(),
    kind,
    region: on.region,
    startedAt,
    endsAt: startedAt + durations.reduce((sum, duration) => sum + simulator.durationOf(duration), 0),
  }
  simulator.state.arm.operations[operation.id] = operation
  simulator.markChanged()
  return operation
}

/** The operation that runs on this resource now. */
export const runningOperation = (simulator: Simulator, id: string): Operation | undefined =>
  Object.values(simulator.state.arm.operations).find(
    (operation) => !operation.finished && operation.resourceId === id.toLowerCase(),
  )

/** Ends what runs on a resource without its effects. */
export function preemptOperation(simulator: Simulator, id: string): void {
  const operation = runningOperation(simulator, id)
  if (!operation) return
  operation.finished = true
  operation.endsAt = simulator.now()
  operation.error = {
    code: 'AKSOperationPreemptedByDelete',
    message: 'This operation has been preempted by a delete operation.',
  }
}

/** Seconds until the next look; never 0, for which some clients wait half a minute. */
export const retryAfter = (simulator: Simulator, operation: Operation) =>
  String(Math.min(10, Math.max(1, Math.round((operation.endsAt - simulator.now()) / 4000))))

const base = (simulator: Simulator) =>
  `${simulator.addresses.arm}/subscriptions/${simulator.state.subscription.id}`

/** Address of an operation of a provider: `operations` for its state, `operationresults` for its outcome. */
export const operationUrl = (
  { simulator, version }: ArmRequest,
  namespace: string,
  operation: Operation,
  collection: 'operations' | 'operationresults' | 'operationResults',
) =>
  `${base(simulator)}/providers/${namespace}/locations/${operation.region}/${collection}/${operation.id}?api-version=${version}`

export const groupOperationUrl = ({ simulator, version }: ArmRequest, operation: Operation) =>
  `${base(simulator)}/operationresults/${operation.id}?api-version=${version}`

function known({ simulator, params }: ArmRequest): Operation {
  const operation = simulator.state.arm.operations[params.operation!.toLowerCase()]
  if (!operation || operation.ending === 'gone')
    throw new ArmError(404, 'NotFound', `The entity was not found: operation '${params.operation}'.`)
  return operation
}

function state(ask: ArmRequest): Reply {
  const operation = known(ask)
  const { id, startedAt, endsAt, finished, error, ending } = operation
  const body = {
    name: id,
    status: !finished ? 'InProgress' : ending === 'canceled' ? 'Canceled' : error ? 'Failed' : 'Succeeded',
    startTime: dotNetTimestamp(startedAt),
    ...(finished && { endTime: dotNetTimestamp(endsAt) }),
    ...(error && { error }),
  }
  return {
    status: 200,
    headers: {
      'content-type': 'application/json',
      ...(finished ? {} : { 'retry-after': retryAfter(ask.simulator, operation) }),
    },
    body,
  }
}

function outcome(ask: ArmRequest): Reply {
  const operation = known(ask)
  const at = (ms: number) => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')}Z`
  if (!operation.finished)
    return {
      status: 202,
      headers: { location: ask.call.url.href, 'retry-after': retryAfter(ask.simulator, operation) },
      ...(operation.kind === 'purgeVault' && {
        body: { createdDateTime: at(operation.startedAt), status: 'NotStarted' },
      }),
    }
  if (operation.error) throw new ArmError(409, operation.error.code, operation.error.message)
  if (operation.kind === 'purgeVault') {
    return {
      status: 200,
      body: {
        createdDateTime: at(operation.startedAt),
        lastActionDateTime: at(operation.endsAt),
        status: 'Succeeded',
      },
    }
  }
  return { status: operation.kind === 'deleteGroup' ? 200 : 204 }
}

const ofProvider = '/subscriptions/{subscription}/providers/{namespace}/locations/{location}'

/** The addresses are handed out as secrets; whoever has one may look. */
export const operationRoutes: ArmRoute[] = [
  { method: 'GET', path: `${ofProvider}/operations/{operation}`, action: 'none', handler: state },
  { method: 'GET', path: `${ofProvider}/operationresults/{operation}`, action: 'none', handler: outcome },
  {
    method: 'GET',
    path: '/subscriptions/{subscription}/operationresults/{operation}',
    action: 'none',
    handler: outcome,
  },
]
