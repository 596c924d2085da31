import { ActionRequiredError } from '../base/action-required.ts'
import { instruction, withArgs } from '../base/command.ts'
import { ServiceError } from '../clients/service-error.ts'
import { isUnavailable, isUndetermined } from '../clients/unavailable.ts'
import { waitingText } from '../explain/failing-service.ts'
import { explain } from '../explain/index.ts'
import { type AnyCheck, type CheckNeeds, provides, type Verdict } from './check.ts'
import { areCallerChecks, type CheckResult, checkResults } from './check-result.ts'
import { walkGraph } from './graph.ts'
import { trackRequests } from './pending-requests.ts'
import { retryRule } from './retry-rules.ts'
import { makeContext, type Run } from './run.ts'
import { formatLimit, pause, poll, retryDelay } from './waiting.ts'

/** The results of one check, first the one that decides, and its output. */
interface CheckOutcome {
  check: AnyCheck
  results: CheckResult[]
  out: unknown
  /** A proof overruled its failure, so it may have no output. */
  overruled: boolean
  /** What was overruled is that a service failed. */
  open: OpenQuestion
}

/** That a service failed, so that a check could not tell. */
type OpenQuestion = Pick<CheckResult, 'undetermined' | 'service'>

/** How long failures are retried in all, and until when by `performance.now()`. */
interface Wait {
  waitMs: number
  deadline: number
}

/** A check's verdict; `overruled` if a proof turned its failure into a pass. */
interface Judgement {
  verdict: Verdict<unknown>
  overruled?: boolean
  open?: OpenQuestion
}

/**
 * Runs each check as soon as the checks it needs have passed. A check whose need failed is skipped because of it.
 * Retries transient failures for up to `waitMs`.
 */
export async function verify(checks: readonly AnyCheck[], run: Run, waitMs = 0): Promise<CheckResult[]> {
  run.emit({ type: 'checking', ...(areCallerChecks(checks) ? { scope: 'caller' } : {}) })
  const wait = { waitMs, deadline: performance.now() + waitMs }
  const active = checks.filter((check) => !check.excludedWhen?.(run.settings))
  const needsOf = (check: AnyCheck) =>
    active.filter((other) => prerequisites(check).some((need) => provides(other, need)))

  const outcomes = await walkGraph(active, needsOf, async (check, needed: CheckOutcome[]) => {
    const began = performance.now()
    const cause = causeOf(needed, check.needs)
    const explanation = explanationOf(check, needed)
    const judgement: Judgement = cause
      ? { verdict: skippedBecause(cause) }
      : // What another finding explains doesn't pass by waiting.
        await judge(check, needed, run, explanation ? { ...wait, deadline: began } : wait)
    const reason = cause ?? reasonOf(judgement.verdict, { explanation, want: causeOf(needed, check.wants) })
    const verdict = reason ? skippedBecause(reason) : judgement.verdict
    const because = reason && (reason.because ?? reason.code)
    const { overruled = false, open = {} } = judgement
    const results = checkResults(check, verdict, {
      because,
      ms: performance.now() - began,
      print: run.print,
    })
    const out = verdict.status === 'fail' ? verdict.continueWith : 'out' in verdict ? verdict.out : undefined
    for (const result of results) run.emit({ type: 'checked', result, out: () => out })
    return { check, results, out, overruled, open }
  })
  return outcomes.flatMap(({ results }) => results)
}

const prerequisites = (check: AnyCheck): AnyCheck[] => [
  ...Object.values<AnyCheck>(check.needs),
  ...Object.values<AnyCheck>(check.wants ?? {}),
  ...(check.explainedBy ?? []),
]

const skippedBecause = ({ because, code, undetermined }: CheckResult): Verdict<never> => ({
  status: 'skip',
  detail: `skipped because of ${because ?? code}`,
  ...(undetermined ? { undetermined } : {}),
})

/** Returns the check that did not pass and gave no output: one that is proven broken, else one that a failing service left open. */
function causeOf(outcomes: readonly CheckOutcome[], checks: CheckNeeds = {}): CheckResult | undefined {
  const stopping = Object.values<AnyCheck>(checks).flatMap((other) => {
    const outcome = outcomes.find((each) => provides(each.check, other))
    const [result] = outcome?.results ?? []
    const stops = result?.status === 'skip' || (result?.status === 'fail' && outcome?.out === undefined)
    return result && stops ? [result] : []
  })
  return stopping.find(({ undetermined }) => !undetermined) ?? stopping[0]
}

/** Returns the finding that explains a failure of this proof. What is only unknown explains nothing. */
function explanationOf({ explainedBy = [], explainedFor }: AnyCheck, outcomes: readonly CheckOutcome[]) {
  const isAbout = ({ workload = explainedFor }: CheckResult) =>
    explainedFor === undefined || workload === explainedFor
  return explainedBy
    .flatMap((other) => outcomes.find((each) => provides(each.check, other))?.results ?? [])
    .find(
      (each) =>
        !each.undetermined &&
        isAbout(each) &&
        (each.status === 'fail' || (each.status === 'skip' && each.because !== undefined)),
    )
}

/** Returns the result because of which a check that ran counts as skipped. */
function reasonOf(
  verdict: Verdict<unknown>,
  { explanation, want }: { explanation: CheckResult | undefined; want: CheckResult | undefined },
): CheckResult | undefined {
  if (verdict.status === 'skip') return verdict.forWant ? want : verdict.couldNotRun && explanation
  return verdict.status === 'fail' && !verdict.unexplained ? explanation : undefined
}

/** Returns the outputs of the checks it needs or wants, by the names it gave them; excluded checks have none. */
const outputsFor = (check: AnyCheck, needed: readonly CheckOutcome[]) =>
  Object.fromEntries(
    Object.entries<AnyCheck>({ ...check.needs, ...check.wants }).flatMap(([name, other]) => {
      const outcome = needed.find((each) => provides(each.check, other))
      return outcome ? [[name, outcome.out]] : []
    }),
  )

/** Runs the check, unless a check that it needs was overruled and so has no output for it. */
async function judge(
  check: AnyCheck,
  needed: readonly CheckOutcome[],
  run: Run,
  wait: Wait,
): Promise<Judgement> {
  const outputs = outputsFor(check, needed)
  const needs = Object.values<AnyCheck>(check.needs)
  const missing = needed.find(
    (each) => each.overruled && each.out === undefined && needs.some((need) => provides(each.check, need)),
  )
  if (!missing) return attempt(check, outputs, run, wait)
  const proof = await check.overruledBy?.(makeContext(run, outputs, () => {}))
  const { open } = missing
  return proof === undefined
    ? { verdict: { status: 'skip', detail: `not checked: ${missing.results[0]!.detail}`, ...open } }
    : { verdict: { status: 'pass', out: undefined, detail: proof }, overruled: true, open }
}

function attempt(
  check: AnyCheck,
  needs: Record<string, unknown>,
  run: Run,
  { waitMs, deadline }: Wait,
): Promise<Judgement> {
  const began = performance.now()
  let retrying = false
  return poll(run, async (nextDelayMs) => {
    run.signal.throwIfAborted()
    if (retrying) run.forgetReads()
    retrying = true
    const verdict = await verdictOf(check, needs, run, began)
    if (verdict.status !== 'fail' && verdict.status !== 'skip') return { value: { verdict } }
    const left = deadline - performance.now()
    const mayPass = verdict.transient && left > 0
    // A proof doesn't answer what a failing service left open.
    if (verdict.status === 'fail' && !(mayPass && verdict.undetermined)) {
      const proof = await check.overruledBy?.(makeContext(run, needs, () => {}))
      if (proof !== undefined) return { value: overruled(verdict, proof) }
    }
    if (!mayPass) return { value: { verdict } }
    const text = verdict.undetermined && waitingText(verdict)
    if (text) run.emit({ type: 'waiting', id: check.code, text: `${text} (up to ${formatLimit(waitMs)})` })
    return { waitMs: Math.min(retryDelay(verdict, nextDelayMs), left) }
  })
}

/** A proof overrules checks that only infer its result: their failure becomes a note on a pass. */
const overruled = (
  { detail, out, undetermined, service }: Extract<Verdict<unknown>, { status: 'fail' }>,
  proof: string,
): Judgement => ({
  verdict: { status: 'pass', out, detail: `${proof}. Unusual: ${detail.split('\n')[0]}` },
  overruled: true,
  open: undetermined ? { undetermined, ...(service && { service }) } : {},
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
    const { what, remedy, trace, service } = explain(error)
    const undetermined = isUndetermined(error) || undefined
    const unavailable = isUnavailable(error)
    if (check.level === 'warning')
      return {
        status: 'skip',
        detail: `could not check: ${what}`,
        couldNotRun: true,
        transient: unavailable,
        undetermined,
        service,
      }
    const transient = unavailable || performance.now() - began < (retryRule(error)?.seconds ?? 0) * 1000
    return { status: 'fail', detail: what, remedy, transient, undetermined, trace, service }
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
          new ServiceError({ service: 'network', code: 'ETIMEDOUT', message: 'no response in time' }),
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
