import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Operation } from '../arm/state.ts'
import type { Duration } from '../durations.ts'
import type { Call, Reply } from '../http.ts'
import type { Simulator } from '../simulator.ts'
import type { FaultName, FaultOrder, FaultRule, Lags } from './fault.ts'
import { type Refused, refusal } from './refusals.ts'

/** A rule with what came of it. In the same process, `after` hears of each request that it happened to. */
export type ActiveRule = FaultRule & { seen: number; hit: number; after?: (call: Call) => void }

/** The answer, or how it is kept from the client: cut off, and for `refuse` ms there is nothing to connect to. */
export type Met = Reply | 'cut' | { refuse: number }

type Act = () => Promise<Reply | 'cut'>

/** What goes wrong in one sandbox, while it runs; never saved. */
export interface Faults {
  rules: ActiveRule[]
  lags: Lags
  skew: number
  add(rule: FaultRule & { after?: (call: Call) => void }): ActiveRule
  /** Adds rules and sets lags and skew. */
  order(order: FaultOrder): void
  clear(): void
  /** Serves a request, with what the first rule says that it is its turn for. */
  meet(call: Call, simulator: Simulator, act: Act): Promise<Met>
  lag(what: Duration): number | undefined
  /** True for a bearer token that was declared expired. */
  expired(token: string): boolean
}

const digest = (token: string) => createHash('sha256').update(token).digest('base64')

/** True if a path is one of a pattern's, in which `*` stands for any text. */
export const fits = (pattern: string, path: string) =>
  new RegExp(
    `^${pattern
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
    'i',
  ).test(path)

const matches = (rule: FaultRule, call: Call) =>
  (rule.role === undefined || rule.role === call.role) &&
  (rule.method === undefined || rule.method.toUpperCase() === call.method) &&
  (rule.path === undefined || fits(rule.path, call.path))

export function makeFaults(): Faults {
  const expired = new Set<string>()

  const kinds: Record<
    FaultName,
    (rule: FaultRule, call: Call, simulator: Simulator, act: Act) => Promise<Met>
  > = {
    refuse: async ({ ms = 100 }) => ({ refuse: ms }),
    'cut-before': async () => 'cut',
    'cut-after': async (_, _call, _cloud, act) => {
      await act()
      return 'cut'
    },
    delay: async ({ ms = 1000 }, _, _cloud, act) => {
      await delay(ms)
      return act()
    },
    truncated: async (_, _call, _cloud, act) => {
      const reply = await act()
      return reply === 'cut' ? reply : { ...reply, torn: true }
    },
    'not-json': async (_, _call, _cloud, act) => {
      await act()
      return {
        status: 200,
        headers: { 'content-type': 'text/html' },
        body: '<html><p>Please sign in.</html>',
      }
    },
    'expired-token': async (_, call, _cloud, act) => {
      const token = /^bearer +(\S+)/i.exec(call.headers.authorization ?? '')?.[1]
      if (token) expired.add(digest(token))
      return act()
    },
    'operation-fails': (_, _call, simulator, act) =>
      withOperation(simulator, act, (operation) => {
        operation.fate = 'failed'
      }),
    'operation-canceled': (_, _call, simulator, act) =>
      withOperation(simulator, act, (operation) => {
        operation.fate = 'canceled'
      }),
    'operation-gone': (_, _call, simulator, act) =>
      withOperation(simulator, act, (operation) => {
        operation.fate = 'gone'
      }),
    ...(Object.fromEntries(
      (['408', '429', '500', '502', '503', '504', 'busy', 'concurrent-write'] as const).map(
        (what: Refused) => [
          what,
          async ({ retryAfter }: FaultRule, call: Call, simulator: Simulator) =>
            refusal(call, simulator, what, retryAfter),
        ],
      ),
    ) as Record<Refused, (rule: FaultRule, call: Call, simulator: Simulator) => Promise<Met>>),
  }

  const faults: Faults = {
    rules: [],
    lags: {},
    skew: 0,
    add(rule) {
      const active = { ...rule, seen: 0, hit: 0 }
      faults.rules.push(active)
      return active
    },
    order({ rules, lags, skew }) {
      for (const rule of rules) faults.add(rule)
      Object.assign(faults.lags, lags)
      if (skew !== undefined) faults.skew = skew
    },
    clear() {
      faults.rules = []
      faults.lags = {}
      faults.skew = 0
      expired.clear()
    },
    async meet(call, simulator, act) {
      if (call.role === 'control') return act()
      let turn: ActiveRule | undefined
      for (const rule of faults.rules) {
        if (!matches(rule, call)) continue
        rule.seen++
        const { nth = 1, times = 1 } = rule
        if (!turn && rule.seen >= nth && rule.seen < nth + times) turn = rule
      }
      if (!turn) return act()
      turn.hit++
      const met = await kinds[turn.fault](turn, call, simulator, act)
      turn.after?.(call)
      return met
    },
    lag: (what) => faults.lags[what],
    expired: (token) => expired.size > 0 && expired.has(digest(token)),
  }
  return faults
}

/** Lets the operation that a request begins end otherwise. */
async function withOperation(
  simulator: Simulator,
  act: Act,
  change: (operation: Operation) => void,
): Promise<Met> {
  const before = new Set(Object.keys(simulator.state.arm.operations))
  const reply = await act()
  for (const [id, operation] of Object.entries(simulator.state.arm.operations))
    if (!before.has(id)) {
      change(operation)
      simulator.markChanged()
    }
  return reply
}
