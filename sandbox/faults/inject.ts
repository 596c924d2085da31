import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Operation } from '../arm/state.ts'
import type { Call, Reply } from '../http.ts'
import type { Service } from '../service.ts'
import type { Simulator } from '../simulator.ts'
import { isFailureKind } from './fault-rules.ts'
import type { ActiveRule } from './faults.ts'

/** A reply, a dropped connection, or a dropped connection with new ones refused for a time (ms). */
export type Outcome = Reply | 'cut' | { refuseFor: number }

/** Serves the request as if there were no fault. */
type Serve = () => Promise<Reply | 'cut'>

/** Applies a fault rule to one request. */
export async function injectFault(
  rule: ActiveRule,
  request: { call: Call; service: Service; simulator: Simulator },
  serve: Serve,
): Promise<Outcome> {
  const outcome = await apply(rule, request, serve)
  rule.after?.(request.call)
  return outcome
}

async function apply(
  rule: ActiveRule,
  { call, service, simulator }: { call: Call; service: Service; simulator: Simulator },
  serve: Serve,
): Promise<Outcome> {
  const { fault } = rule
  if (isFailureKind(fault)) return failure(service.failure(call, simulator, fault), rule.retryAfter)
  switch (fault) {
    case 'refuse':
      return { refuseFor: rule.ms ?? 100 }
    case 'cut-before':
      return 'cut'
    case 'cut-after':
      await serve()
      return 'cut'
    case 'delay':
      await delay(rule.ms ?? 1000)
      return serve()
    case 'truncated': {
      const reply = await serve()
      return reply === 'cut' ? reply : { ...reply, truncated: true }
    }
    case 'not-json':
      await serve()
      return {
        status: 200,
        headers: { 'content-type': 'text/html' },
        body: '<html><p>Please sign in.</html>',
      }
    case 'expired-token': {
      const token = /^bearer +(\S+)/i.exec(call.headers.authorization ?? '')?.[1]
      if (token) simulator.faults.expire(token)
      return serve()
    }
    case 'operation-fails':
      return withOperation(simulator, serve, 'failed')
    case 'operation-canceled':
      return withOperation(simulator, serve, 'canceled')
    case 'operation-gone':
      return withOperation(simulator, serve, 'gone')
  }
}

const failure = (reply: Reply, retryAfter: number | undefined): Reply => ({
  ...reply,
  headers: {
    'x-ms-request-id': randomUUID(),
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
    ...reply.headers,
  },
})

/** Changes how the long-running operation ends that the request starts. */
async function withOperation(
  simulator: Simulator,
  serve: Serve,
  ending: NonNullable<Operation['ending']>,
): Promise<Outcome> {
  const { operations } = simulator.state.arm
  const before = new Set(Object.keys(operations))
  const reply = await serve()
  for (const [id, operation] of Object.entries(operations))
    if (!before.has(id)) {
      operation.ending = ending
      simulator.markChanged()
    }
  return reply
}
