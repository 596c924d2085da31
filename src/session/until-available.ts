import { isUnavailable } from '../clients/unavailable.ts'
import type { EventHandler } from '../engine/events.ts'
import type { Polling } from '../engine/run.ts'
import { formatLimit, poll, retryDelay } from '../engine/waiting.ts'
import { waitingText } from '../explain/failing-service.ts'
import { explain } from '../explain/index.ts'

/** How long to wait for services that are needed before the run begins. */
export interface AvailabilityWait {
  /** By `performance.now()`. */
  deadline: number
  limitMs: number
  polling: Polling
  signal: AbortSignal
  emit: EventHandler
}

const id = 'session'

/** Calls `action` again while a service is unavailable, until the deadline; then throws its error. */
export function untilAvailable<T>(
  { deadline, limitMs, polling, signal, emit }: AvailabilityWait,
  action: () => Promise<T>,
): Promise<T> {
  return poll({ polling, signal }, async (nextDelayMs) => {
    try {
      const value = await action()
      emit({ type: 'waited', id })
      return { value }
    } catch (error) {
      const left = deadline - performance.now()
      if (signal.aborted || left <= 0 || !isUnavailable(error)) {
        emit({ type: 'waited', id })
        throw error
      }
      const explained = explain(error)
      const text = waitingText(explained) ?? `waiting: ${explained.what}`
      emit({ type: 'waiting', id, text: `${text} (up to ${formatLimit(limitMs)})` })
      return { waitMs: Math.min(retryDelay(explained, nextDelayMs), left) }
    }
  })
}
