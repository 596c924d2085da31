import type { Duration } from '../durations.ts'
import type { Call } from '../http.ts'
import { sha256 } from '../sha256.ts'
import type { FaultRule, FaultSettings, Lags } from './fault-rules.ts'

/** A rule with its counters: requests that matched, and requests that it was applied to. */
export type ActiveRule = FaultRule & {
  seen: number
  hit: number
  /** Called after each request that the rule was applied to; only for rules added in this process. */
  after?: (call: Call) => void
}

/** The faults of one running sandbox. They are never saved. */
export interface Faults {
  rules: ActiveRule[]
  lags: Lags
  /** How far the simulator's clock is ahead, in ms. */
  skew: number
  add(rule: FaultRule & Pick<ActiveRule, 'after'>): ActiveRule
  /** Adds rules, and sets lags and skew. */
  apply(settings: FaultSettings): void
  clear(): void
  /** Counts the request and returns the rule to apply to it. */
  ruleFor(call: Call): ActiveRule | undefined
  lag(name: Duration): number | undefined
  /** Makes every service reject the bearer token as expired. */
  expire(token: string): void
  isExpired(token: string): boolean
}

const digest = (token: string) => sha256(token).toString('base64')

/** True if the path matches the pattern, in which `*` matches any text. Ignores case. */
export const matchesPath = (pattern: string, path: string) =>
  new RegExp(
    `^${pattern
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
    'i',
  ).test(path)

const matches = (rule: FaultRule, call: Call) =>
  (rule.role === undefined || rule.role === call.service) &&
  (rule.method === undefined || rule.method.toUpperCase() === call.method) &&
  (rule.path === undefined || matchesPath(rule.path, call.path))

export function createFaults(): Faults {
  const expired = new Set<string>()
  const faults: Faults = {
    rules: [],
    lags: {},
    skew: 0,
    add(rule) {
      const active = { ...rule, seen: 0, hit: 0 }
      faults.rules.push(active)
      return active
    },
    apply({ rules, lags, skew }) {
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
    ruleFor(call) {
      let found: ActiveRule | undefined
      for (const rule of faults.rules) {
        if (!matches(rule, call)) continue
        rule.seen++
        const { nth = 1, times = 1 } = rule
        if (!found && rule.seen >= nth && rule.seen < nth + times) found = rule
      }
      if (found) found.hit++
      return found
    },
    lag: (name) => faults.lags[name],
    expire: (token) => {
      expired.add(digest(token))
    },
    isExpired: (token) => expired.size > 0 && expired.has(digest(token)),
  }
  return faults
}
