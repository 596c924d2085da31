import { ActionRequiredError } from '../base/action-required.ts'
import type { CheckCode } from '../base/check-code.ts'
import { explain } from '../explain/index.ts'
import { type AnyCheck, couldNotRun, type Verdict } from './check.ts'
import { areCallerChecks, type CheckResult, checkResults } from './check-result.ts'
import { walkGraph } from './graph.ts'
import { trackRequests } from './pending-requests.ts'
import { retryRule } from './retry-rules.ts'
import { makeContext, type Run } from './run.ts'
import { pause, poll } from './waiting.ts'

/** The results of one check, first the one that decides, and its output. */
interface CheckOutcome {
  check: AnyCheck
  results: CheckResult[]
  out: unknown
}

/**
 * Runs each check as soon as the checks it needs have passed. A check whose need failed is skipped because of it.
 * Retries transient failures for up to `waitMs`.
 */
export async function verify(checks: readonly AnyCheck[], run: Run, waitMs = 0): Promise<CheckResult[]> {
  run.emit({ type: 'checking', ...(areCallerChecks(checks) ? { scope: 'caller' } : {}) })
  const deadline = performance.now() + waitMs
  const active = checks.filter((check) => !check.excludedWhen?.(run.settings))
  const needsOf = (check: AnyCheck) =>
    active.filter((other) => Object.values<AnyCheck>(check.needs).some(({ code }) => code === other.code))

  const outcomes = await walkGraph(active, needsOf, async (check, needed: CheckOutcome[]) => {
    const began = performance.now()
    const because = causeOf(check, needed)
    const verdict: Verdict<unknown> = because
      ? { status: 'skip', detail: `skipped because of ${because}` }
      : await attempt(check, outputsFor(check, needed), run, deadline)
    const results = checkResults(check, verdict, { because, ms: performance.now() - began })
    const out = 'out' in verdict ? verdict.out : undefined
    for (const result of results) run.emit({ type: 'checked', result, out: () => out })
    return { check, results, out }
  })
  return outcomes.flatMap(({ results }) => results)
}

/** Returns the failed check at the root of a need that did not pass. */
function causeOf(check: AnyCheck, needed: readonly CheckOutcome[]): CheckCode | undefined {
  for (const { code } of Object.values<AnyCheck>(check.needs)) {
    const [result] = needed.find((each) => each.check.code === code)?.results ?? []
    if (result?.status === 'fail' || result?.status === 'skip') return result.because ?? result.code
  }
  return undefined
}

/** Returns the outputs of the checks it needs, by the names it gave them; excluded checks have none. */
const outputsFor = (check: AnyCheck, needed: readonly CheckOutcome[]) =>
  Object.fromEntries(
    Object.entries<AnyCheck>(check.needs).flatMap(([name, { code }]) => {
      const outcome = needed.find((each) => each.check.code === code)
      return outcome ? [[name, outcome.out]] : []
    }),
  )

function attempt(
  check: AnyCheck,
  needs: Record<string, unknown>,
  run: Run,
  deadline: number,
): Promise<Verdict<unknown>> {
  const began = performance.now()
  let retrying = false
  return poll(run, async (nextDelayMs) => {
    run.signal.throwIfAborted()
    if (retrying) run.forgetReads()
    retrying = true
    const value = await verdictOf(check, needs, run, began)
    const left = deadline - performance.now()
    if (value.status !== 'fail' || !value.transient || left <= 0) return { value }
    return { waitMs: Math.min(nextDelayMs, left) }
  })
}

async function verdictOf(
  check: AnyCheck,
  needs: Record<string, unknown>,
  run: Run,
  began: number,
): Promise<Verdict<unknown>> {
  try {
    return await withTimeout(check, () => check.run(makeContext(run, needs, () => {})), run)
  } catch (error) {
    if (run.signal.aborted) throw run.signal.reason
    const { what, remedy, trace } = explain(error)
    if (check.level === 'warning') return couldNotRun(what)
    const transient = performance.now() - began < (retryRule(error)?.seconds ?? 0) * 1000
    return { status: 'fail', detail: what, remedy, transient, trace }
  }
}

/** Throws after the check's time limit, naming the requests that are still unanswered. */
async function withTimeout<T>(check: AnyCheck, action: () => Promise<T>, run: Run): Promise<T> {
  const seconds = check.timeoutSeconds ?? 30
  const finished = new AbortController()
  const tracked = trackRequests(action)
  try {
    return await Promise.race([
      tracked.result,
      pause(seconds * 1000, AbortSignal.any([run.signal, finished.signal])).then(() => {
        const pending = tracked.pending()
        throw new ActionRequiredError(
          `No response${pending && ` from ${pending}`} within ${seconds} seconds`,
          `Check the network and any proxy in between, then run ${run.command('verify')} --debug`,
        )
      }),
    ])
  } catch (error) {
    // An interrupted check still deletes what it created, such as a pod.
    if (run.signal.aborted)
      await Promise.race([tracked.result.catch(() => {}), pause(10_000, finished.signal).catch(() => {})])
    throw error
  } finally {
    finished.abort()
  }
}
