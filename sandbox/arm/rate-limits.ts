import type { Simulator } from '../simulator.ts'
import { ArmError } from './errors.ts'

const kinds = {
  reads: { size: 250, perSecond: 25 },
  writes: { size: 200, perSecond: 10 },
  deletes: { size: 200, perSecond: 10 },
}
const verbs: Record<string, keyof typeof kinds> = { GET: 'reads', HEAD: 'reads', DELETE: 'deletes' }
const words = { reads: 'read', writes: 'write', deletes: 'delete' }
/** All principals of a subscription together have that many times as much. */
const together = 15

interface Bucket {
  left: number
  at: number
}

const buckets = new WeakMap<Simulator, Map<string, Bucket>>()

/**
 * Takes a request from the caller's bucket and from that of all callers, and gives the headers that tell what is
 * left. Throws 429 when nothing is. The buckets refill by the clock, faster at a faster pace, at pace 0 at once.
 */
export function countRequest(
  simulator: Simulator,
  principal: string,
  method: string,
): Record<string, string> {
  const kind = verbs[method] ?? 'writes'
  const { size, perSecond } = kinds[kind]
  const pace = simulator.durationOf('request') / 120
  let all = buckets.get(simulator)
  if (!all) {
    all = new Map()
    buckets.set(simulator, all)
  }
  const take = (key: string, full: number, rate: number): number => {
    const bucket = all.get(key) ?? { left: full, at: simulator.now() }
    const refill = pace === 0 ? full : (Math.max(0, simulator.now() - bucket.at) / 1000) * (rate / pace)
    const left = Math.min(full, bucket.left + refill) - 1
    all.set(key, { left: Math.max(0, left), at: simulator.now() })
    return Math.floor(left)
  }
  const own = take(`${kind}/${principal}`, size, perSecond)
  const whole = take(`${kind}/*`, size * together, perSecond * together)
  if (own < 0 || whole < 0)
    throw new ArmError(
      429,
      'SubscriptionRequestsThrottled',
      `Number of '${words[kind]}' requests for subscription '${simulator.state.subscription.id}' actor '${principal}' exceeded. Please try again after '1' seconds.`,
      { by: 'gateway', headers: { 'retry-after': '1' } },
    )
  return {
    [`x-ms-ratelimit-remaining-subscription-${kind}`]: String(own),
    [`x-ms-ratelimit-remaining-subscription-global-${kind}`]: String(whole),
  }
}
