import { randomUUID } from 'node:crypto'
import type { Cloud } from '../cloud.ts'
import type { Reply } from '../http.ts'
import type { Duration } from '../pace.ts'
import { ticks } from './clock-text.ts'
import { Refusal } from './refusal.ts'
import type { Ask, Route } from './route.ts'
import type { Operation, OperationKind } from './state.ts'

/** Starts an operation on a resource; it ends by itself after the durations together. */
export function begin(
  cloud: Cloud,
  kind: OperationKind,
  on: { id: string; region: string },
  ...durations: Duration[]
): Operation {
  const startedAt = cloud.now()
  const operation: Operation = {
    id: randomUUID(),
    resourceId: on.id.toLowerCase(),
    kind,
    region: on.region,
    startedAt,
    endsAt: startedAt + durations.reduce((sum, duration) => sum + cloud.takes(duration), 0),
  }
  cloud.world.arm.operations[operation.id] = operation
  cloud.changed()
  return operation
}

/** The operation that runs on this resource now. */
export const running = (cloud: Cloud, id: string): Operation | undefined =>
  Object.values(cloud.world.arm.operations).find(
    (operation) => !operation.settled && operation.resourceId === id.toLowerCase(),
  )

/** Ends what runs on a resource without its effects. */
export function preempt(cloud: Cloud, id: string): void {
  const operation = running(cloud, id)
  if (!operation) return
  operation.settled = true
  operation.endsAt = cloud.now()
  operation.error = {
    code: 'AKSOperationPreemptedByDelete',
    message: 'This operation has been preempted by a delete operation.',
  }
}

/** Seconds until the next look; never 0, for which some clients wait half a minute. */
export const retryAfter = (cloud: Cloud, operation: Operation) =>
  String(Math.min(10, Math.max(1, Math.round((operation.endsAt - cloud.now()) / 4000))))

const base = (cloud: Cloud) => `${cloud.addresses.arm}/subscriptions/${cloud.world.subscription.id}`

/** Address of an operation of a provider: `operations` for its state, `operationresults` for its outcome. */
export const operationUrl = (
  { cloud, version }: Ask,
  namespace: string,
  operation: Operation,
  collection: 'operations' | 'operationresults' | 'operationResults',
) =>
  `${base(cloud)}/providers/${namespace}/locations/${operation.region}/${collection}/${operation.id}?api-version=${version}`

export const groupOperationUrl = ({ cloud, version }: Ask, operation: Operation) =>
  `${base(cloud)}/operationresults/${operation.id}?api-version=${version}`

function known({ cloud, params }: Ask): Operation {
  const operation = cloud.world.arm.operations[params.operation!.toLowerCase()]
  if (!operation || operation.fate === 'gone')
    throw new Refusal(404, 'NotFound', `The entity was not found: operation '${params.operation}'.`)
  return operation
}

function state(ask: Ask): Reply {
  const operation = known(ask)
  const { id, startedAt, endsAt, settled, error, fate } = operation
  const body = {
    name: id,
    status: !settled ? 'InProgress' : fate === 'canceled' ? 'Canceled' : error ? 'Failed' : 'Succeeded',
    startTime: ticks(startedAt),
    ...(settled && { endTime: ticks(endsAt) }),
    ...(error && { error }),
  }
  return {
    status: 200,
    headers: {
      'content-type': 'application/json',
      ...(settled ? {} : { 'retry-after': retryAfter(ask.cloud, operation) }),
    },
    body,
  }
}

function outcome(ask: Ask): Reply {
  const operation = known(ask)
  const at = (ms: number) => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')}Z`
  if (!operation.settled)
    return {
      status: 202,
      headers: { location: ask.call.url.href, 'retry-after': retryAfter(ask.cloud, operation) },
      ...(operation.kind === 'purgeVault' && {
        body: { createdDateTime: at(operation.startedAt), status: 'NotStarted' },
      }),
    }
  if (operation.error) throw new Refusal(409, operation.error.code, operation.error.message)
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
export const operationRoutes: Route[] = [
  { method: 'GET', path: `${ofProvider}/operations/{operation}`, action: 'none', to: state },
  { method: 'GET', path: `${ofProvider}/operationresults/{operation}`, action: 'none', to: outcome },
  {
    method: 'GET',
    path: '/subscriptions/{subscription}/operationresults/{operation}',
    action: 'none',
    to: outcome,
  },
]
