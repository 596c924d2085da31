import { ActionRequiredError } from '../base/action-required.ts'
import type { GeneralOptions } from '../settings/general.ts'

/** Returns a signal that is aborted by the host's signal or after --timeout. `progress` returns what is running. */
export function startDeadline(
  hostSignal: AbortSignal,
  timeout: GeneralOptions['timeout'],
  progress: () => string,
): AbortSignal {
  if (timeout === undefined) return hostSignal
  const limit = new AbortController()
  const stop = () =>
    limit.abort(
      new ActionRequiredError(
        `Not finished within ${timeout.text} (--timeout); in progress: ${progress()}`,
        'Run the same command again: it continues from here',
      ),
    )
  setTimeout(stop, timeout.ms).unref()
  if (hostSignal.aborted) limit.abort(hostSignal.reason)
  // Not AbortSignal.any: Node.js can lose the abort of a signal that is combined again, as each request does.
  hostSignal.addEventListener('abort', () => limit.abort(hostSignal.reason), { once: true })
  return limit.signal
}
