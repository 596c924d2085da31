import type { Call } from '../http.ts'
import type { Simulator } from '../simulator.ts'
import { ArmError } from './errors.ts'
import { subscriptionId } from './subscription-path.ts'

const limits = {
  reads: { size: 250, perSecond: 25 },
  writes: { size: 200, perSecond: 10 },
  deletes: { size: 200, perSecond: 10 },
}
const verbs: Record<string, keyof typeof limits> = { GET: 'reads', HEAD: 'reads', DELETE: 'deletes' }
const nouns = { reads: 'read', writes: 'write', deletes: 'delete' }
/** The limits of a subscription are this many times those of one principal. */
const globalFactor = 15

interface Bucket {
  left: number
  at: number
}

const buckets = new WeakMap<Simulator, Map<string, Bucket>>()

/**
 * Counts a request against the limits of the caller and of the subscription, and returns the headers with what is left.
 * Throws 429 if nothing is. The buckets refill by the clock: faster at a lower pace, and at once at pace 0.
 */
export function countRequest(
  simulator: Simulator,
  principal: string,
  { method, path }: Pick<Call, 'method' | 'path'>,
): Record<string, string> {
  const kind = verbs[method] ?? 'writes'
  const { size, perSecond } = limits[kind]
  const pace = simulator.durationOf('request') / 120
  let counters = buckets.get(simulator)
  if (!counters) {
    counters = new Map()
    buckets.set(simulator, counters)
  }
  const take = (key: string, full: number, rate: number): number => {
    const bucket = counters.get(key) ?? { left: full, at: simulator.now() }
    const refill = pace === 0 ? full : (Math.max(0, simulator.now() - bucket.at) / 1000) * (rate / pace)
    const left = Math.min(full, bucket.left + refill) - 1
    counters.set(key, { left: Math.max(0, left), at: simulator.now() })
    return Math.floor(left)
  }
  const remaining = take(`${kind}/${principal}`, size, perSecond)
  const globalRemaining = take(`${kind}/*`, size * globalFactor, perSecond * globalFactor)
  if (remaining < 0 || globalRemaining < 0)
    throw new ArmError(
      429,
      'SubscriptionRequestsThrottled',
      `Number of '${nouns[kind]}' requests for subscription '${subscriptionId(path)}' actor '${principal}' exceeded. Please try again after '1' seconds.`,
      { by: 'gateway', headers: { 'retry-after': '1' } },
    )
  return {
    [`x-ms-ratelimit-remaining-subscription-${kind}`]: String(remaining),
    [`x-ms-ratelimit-remaining-subscription-global-${kind}`]: String(globalRemaining),
  }
}
