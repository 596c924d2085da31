import { randomUUID } from 'node:crypto'
import type { Duration } from '../durations.ts'
import type { Simulator } from '../simulator.ts'
import type { ArmRequest } from './request.ts'
import type { Operation } from './state.ts'
import { subscriptionPath } from './subscription-path.ts'

/** Starts a long-running operation on a resource. It ends after the sum of the durations. */
export function startOperation(
  simulator: Simulator,
  kind: string,
  resource: { id: string; region: string },
  ...durations: Duration[]
): Operation {
  const startedAt = simulator.now()
  const operation: Operation = {
    id: randomUUID(),
    resourceId: resource.id.toLowerCase(),
    kind,
    region: resource.region,
    startedAt,
    endsAt: startedAt + durations.reduce((sum, duration) => sum + simulator.durationOf(duration), 0),
  }
  simulator.state.arm.operations[operation.id] = operation
  return operation
}

/** Returns the operation that is running on a resource. */
export const runningOperation = (simulator: Simulator, id: string): Operation | undefined =>
  Object.values(simulator.state.arm.operations).find(
    (operation) => !operation.finished && operation.resourceId === id.toLowerCase(),
  )

/** Ends the operation that is running on a resource, without its effects. */
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

/** Returns the seconds until the next poll. Never 0: some clients then wait for 30 seconds. */
export const retryAfter = (simulator: Simulator, operation: Operation) =>
  String(Math.min(10, Math.max(1, Math.round((operation.endsAt - simulator.now()) / 4000))))

const base = ({ simulator, id }: ArmRequest) => `${simulator.addresses.arm}${subscriptionPath(id)}`

/** Returns the URL of a provider's operation: `operations` for its status, `operationresults` for its result. */
export const operationUrl = (
  request: ArmRequest,
  namespace: string,
  operation: Operation,
  collection:
    | 'operations'
    | 'operationresults'
    | 'operationResults'
    | 'asyncoperations'
    | 'operationsStatus'
    | 'operationStatuses'
    | 'azureAsyncOperation',
) =>
  `${base(request)}/providers/${namespace}/locations/${operation.region}/${collection}/${operation.id}?api-version=${request.version}`

export const groupOperationUrl = (request: ArmRequest, operation: Operation) =>
  `${base(request)}/operationresults/${operation.id}?api-version=${request.version}`
