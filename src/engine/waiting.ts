import { isUnavailable, serviceErrorOf } from '../clients/unavailable.ts'
import type { Explained } from '../explain/explained.ts'
import { waitingText } from '../explain/failing-service.ts'
import { explain } from '../explain/index.ts'
import { type RetryRule, retryRule } from './retry-rules.ts'
import type { Polling, Run } from './run.ts'

type Waiting = Pick<Run, 'polling' | 'signal'>

/** Waits, or throws the signal's reason. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  await new Promise<void>((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal.addEventListener('abort', stop, { once: true })
  })
}

/** Returns a function that gives the next delay, growing and randomized by 10 %. */
function backoff({ firstDelayMs, maxDelayMs }: Polling): () => number {
  let next = firstDelayMs
  return () => {
    const now = next * (0.9 + Math.random() * 0.2)
    next = Math.min(next * 1.6, maxDelayMs)
    return now
  }
}

/**
 * Calls `attempt` until it returns a value. Each time it gets the next delay, and if it has no value, returns how long
 * to wait before the next attempt. It handles its own deadlines: it throws, or returns what it has.
 */
export async function poll<T>(
  { polling, signal }: Waiting,
  attempt: (nextDelayMs: number) => Promise<{ value: T } | { waitMs: number }>,
): Promise<T> {
  const nextDelay = backoff(polling)
  for (;;) {
    const outcome = await attempt(nextDelay())
    if ('value' in outcome) return outcome.value
    await pause(outcome.waitMs, signal)
  }
}

/** Reads until `isDone`, for up to `timeoutMs`; then throws what `onTimeout` returns. */
export async function waitUntil<T>(
  run: Waiting,
  wait: {
    read: () => Promise<T>
    isDone: (value: T) => boolean
    timeoutMs: number
    onWait: () => void
    onTimeout: (value: T, timeoutMs: number) => Error
  },
): Promise<T> {
  const timeoutMs = wait.timeoutMs * (run.polling.timeoutFactor ?? 1)
  const deadline = performance.now() + timeoutMs
  return poll(run, async (nextDelayMs) => {
    const value = await wait.read()
    if (wait.isDone(value)) return { value }
    if (performance.now() > deadline) throw wait.onTimeout(value, timeoutMs)
    wait.onWait()
    return { waitMs: nextDelayMs }
  })
}

/** Retries failures that have a retry rule, for as long as their rule says. */
export function withRetries<T>(
  run: Waiting,
  note: (text: string) => void,
  action: () => Promise<T>,
  phase: 'planning' | 'applying' = 'applying',
): Promise<T> {
  const firstFailures = new Map<RetryRule, number>()
  return poll(run, async (nextDelayMs) => {
    try {
      return { value: await action() }
    } catch (error) {
      const rule = retryRule(error)
      if (!rule || (rule.afterPlanning && phase === 'planning')) throw error
      const now = performance.now()
      const first = firstFailures.get(rule) ?? now
      firstFailures.set(rule, first)
      const deadline = first + rule.seconds * 1000 * (run.polling.timeoutFactor ?? 1)
      // The service may ask for a longer delay than there is time.
      const failure = serviceErrorOf(error)
      const waitMs = failure?.retryAfterMs ?? failure?.request?.retryAfterMs ?? nextDelayMs
      if (now + waitMs > deadline) throw error
      const waiting = isUnavailable(error) ? waitingText(explain(error)) : undefined
      note(`${waiting ?? `waiting ${rule.waitingFor}`} (up to ${formatLimit(rule.seconds * 1000)})`)
      return { waitMs }
    }
  })
}

/** Returns how long to wait before the next attempt, in ms: at least as long as the service asks for. */
export const retryDelay = ({ service }: Pick<Explained, 'service'>, nextDelayMs: number): number =>
  Math.max(nextDelayMs, (service?.retryAfter ?? 0) * 1000)

/** Returns a formatted time limit: `20 s`, `4 min`. */
export const formatLimit = (ms: number) =>
  ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`
