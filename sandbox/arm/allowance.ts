import type { Cloud } from '../cloud.ts'
import { Refusal } from './refusal.ts'

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

const buckets = new WeakMap<Cloud, Map<string, Bucket>>()

/**
 * Takes a request from the caller's bucket and from that of all callers, and gives the headers that tell what is
 * left. Throws 429 when nothing is. The buckets refill by the clock, faster at a faster pace, at pace 0 at once.
 */
export function spend(cloud: Cloud, principal: string, method: string): Record<string, string> {
  const kind = verbs[method] ?? 'writes'
  const { size, perSecond } = kinds[kind]
  const pace = cloud.takes('request') / 120
  let all = buckets.get(cloud)
  if (!all) {
    all = new Map()
    buckets.set(cloud, all)
  }
  const take = (key: string, full: number, rate: number): number => {
    const bucket = all.get(key) ?? { left: full, at: cloud.now() }
    const refill = pace === 0 ? full : (Math.max(0, cloud.now() - bucket.at) / 1000) * (rate / pace)
    const left = Math.min(full, bucket.left + refill) - 1
    all.set(key, { left: Math.max(0, left), at: cloud.now() })
    return Math.floor(left)
  }
  const own = take(`${kind}/${principal}`, size, perSecond)
  const whole = take(`${kind}/*`, size * together, perSecond * together)
  if (own < 0 || whole < 0)
    throw new Refusal(
      429,
      'SubscriptionRequestsThrottled',
      `Number of '${words[kind]}' requests for subscription '${cloud.world.subscription.id}' actor '${principal}' exceeded. Please try again after '1' seconds.`,
      { by: 'gateway', headers: { 'retry-after': '1' } },
    )
  return {
    [`x-ms-ratelimit-remaining-subscription-${kind}`]: String(own),
    [`x-ms-ratelimit-remaining-subscription-global-${kind}`]: String(whole),
  }
}
