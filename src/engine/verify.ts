import { ActionRequiredError } from '../base/action-required.ts'
import type { CheckCode } from '../base/check-code.ts'
import { instruction, withArgs } from '../base/command.ts'
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
  /** A proof overruled its failure, so it may have no output. */
  overruled: boolean
}

/** A check's verdict; `overruled` if a proof turned its failure into a pass. */
interface Judgement {
  verdict: Verdict<unknown>
  overruled?: boolean
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
    active.filter((other) => prerequisites(check).some(({ code }) => code === other.code))

  const outcomes = await walkGraph(active, needsOf, async (check, needed: CheckOutcome[]) => {
    const began = performance.now()
    const because = causeOf(check, needed)
    const { verdict, overruled = false }: Judgement = because
      ? { verdict: { status: 'skip', detail: `skipped because of ${because}` } }
      : await judge(check, needed, run, deadline)
    const results = checkResults(check, verdict, {
      because,
      ms: performance.now() - began,
      print: run.print,
    })
    const out = 'out' in verdict ? verdict.out : undefined
    for (const result of results) run.emit({ type: 'checked', result, out: () => out })
    return { check, results, out, overruled }
  })
  return outcomes.flatMap(({ results }) => results)
}

const prerequisites = (check: AnyCheck): AnyCheck[] => [
  ...Object.values<AnyCheck>(check.needs),
  ...(check.explainedBy ?? []),
]

/** Returns the failed check at the root of a prerequisite that did not pass. */
function causeOf(check: AnyCheck, needed: readonly CheckOutcome[]): CheckCode | undefined {
  for (const { code } of prerequisites(check)) {
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

/** Runs the check, unless a check that it needs was overruled and so has no output for it. */
async function judge(
  check: AnyCheck,
  needed: readonly CheckOutcome[],
  run: Run,
  deadline: number,
): Promise<Judgement> {
  const outputs = outputsFor(check, needed)
  const needs = Object.values<AnyCheck>(check.needs).map(({ code }) => code)
  const missing = needed.find(
    (each) => each.overruled && each.out === undefined && needs.includes(each.check.code),
  )
  if (!missing) return attempt(check, outputs, run, deadline)
  const proof = await check.overruledBy?.(makeContext(run, outputs, () => {}))
  return proof === undefined
    ? { verdict: { status: 'skip', detail: `not checked: ${missing.results[0]!.detail}` } }
    : { verdict: { status: 'pass', out: undefined, detail: proof }, overruled: true }
}

function attempt(
  check: AnyCheck,
  needs: Record<string, unknown>,
  run: Run,
  deadline: number,
): Promise<Judgement> {
  const began = performance.now()
  let retrying = false
  return poll(run, async (nextDelayMs) => {
    run.signal.throwIfAborted()
    if (retrying) run.forgetReads()
    retrying = true
    const verdict = await verdictOf(check, needs, run, began)
    if (verdict.status !== 'fail') return { value: { verdict } }
    const proof = await check.overruledBy?.(makeContext(run, needs, () => {}))
    if (proof !== undefined) return { value: overruled(verdict, proof) }
    const left = deadline - performance.now()
    if (!verdict.transient || left <= 0) return { value: { verdict } }
    return { waitMs: Math.min(nextDelayMs, left) }
  })
}

/** A proof overrules checks that only infer its result: their failure becomes a note on a pass. */
const overruled = ({ detail, out }: { detail: string; out?: unknown }, proof: string): Judgement => ({
  verdict: { status: 'pass', out, detail: `${proof}. Unusual: ${detail.split('\n')[0]}` },
  overruled: true,
})

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
          instruction`Check the network and any proxy in between, then run ${withArgs(run.command('verify'), '--debug')}`,
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
