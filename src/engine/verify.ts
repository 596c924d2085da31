import { ActionRequiredError } from '../base/action-required.ts'
import type { CheckCode } from '../base/check-code.ts'
import { explain } from '../explain/index.ts'
import { type AnyCheck, type ChainLink, couldNotRun, docsLink, type Severity, type Verdict } from './check.ts'
import { trackRequests } from './pending-requests.ts'
import { backoff, retryRule } from './retry.ts'
import { makeContext, pause, type Run } from './run.ts'

export interface CheckResult {
  code: CheckCode
  title: string
  link: ChainLink
  level: Severity
  status: 'pass' | 'warn' | 'fail' | 'skip'
  detail: string
  is?: string
  should?: string
  remedy?: string
  /** Of a skipped one: the failed check that it hangs on. */
  because?: CheckCode
  /** Of a skipped check: a read that it needs was forbidden or failed. */
  couldNotRun?: true
  /** Trace or request id of the service that refused. */
  trace?: string
  /** It may pass by itself. */
  transient?: boolean
  /** Where its code is explained, in the project's repository. */
  doc: string
  ms: number
}

interface Done {
  result: CheckResult
  /** Of the same check, about other things. */
  more: CheckResult[]
  out: unknown
}

/** These look at who calls, before there is a chain. */
export const areCallerChecks = (checks: readonly { link: ChainLink }[]): boolean =>
  checks.every(({ link }) => link === 'caller')

/**
 * Runs the checks as soon as what they need has passed; one whose need failed is skipped because of it.
 * Transient failures are looked at again until `waitMs` have gone by.
 */
export async function verify(checks: readonly AnyCheck[], run: Run, waitMs = 0): Promise<CheckResult[]> {
  run.emit({ type: 'checking', ...(areCallerChecks(checks) ? { of: 'caller' } : {}) })
  const deadline = performance.now() + waitMs
  const running = new Map<CheckCode, Promise<Done>>()
  const active = checks.filter((check) => !check.excludedWhen?.(run.settings))
  const start = (check: AnyCheck) => {
    let work = running.get(check.code)
    if (!work) {
      work = runOne(check)
      running.set(check.code, work)
    }
    return work
  }

  const runOne = async (check: AnyCheck): Promise<Done> => {
    const needs: Record<string, unknown> = {}
    let because: CheckCode | undefined
    for (const [name, { code }] of Object.entries(check.needs)) {
      const needed = active.find((each) => each.code === code)
      if (!needed) continue
      const { result, out } = await start(needed)
      if (result.status === 'fail' || result.status === 'skip') because ??= result.because ?? result.code
      else needs[name] = out
    }
    const began = performance.now()
    const verdict: Verdict<unknown> = because
      ? { status: 'skip', detail: `skipped because of ${because}` }
      : await decide(check, needs)
    const ms = performance.now() - began
    const result = { ...resultOf(check, verdict), ...(because ? { because } : {}), ms }
    const others = verdict.status === 'fail' || verdict.status === 'warn' ? (verdict.more ?? []) : []
    const more = others.map((each) => ({ ...resultOf(check, { ...each, out: undefined }), ms }))
    const out = 'out' in verdict ? verdict.out : undefined
    for (const each of [result, ...more]) run.emit({ type: 'checked', result: each, out: () => out })
    return { result, more, out }
  }

  const decide = async (check: AnyCheck, needs: Record<string, unknown>): Promise<Verdict<unknown>> => {
    const wait = backoff(run.polling)
    const began = performance.now()
    for (;;) {
      run.signal.throwIfAborted()
      let verdict: Verdict<unknown>
      try {
        verdict = await inTime(check, () => check.run(makeContext(run, needs, () => {})), run)
      } catch (error) {
        if (run.signal.aborted) throw run.signal.reason
        const { what, remedy, trace } = explain(error)
        // A service that did not answer properly may do so in a moment; how long that is worth waiting for stands in the table.
        const transient = performance.now() - began < (retryRule(error)?.seconds ?? 0) * 1000
        verdict =
          check.level === 'warning'
            ? couldNotRun(what)
            : { status: 'fail', detail: what, remedy, transient, trace }
      }
      if (verdict.status !== 'fail' || !verdict.transient || performance.now() >= deadline) return verdict
      await pause(Math.min(wait(), Math.max(0, deadline - performance.now())), run.signal)
      run.forgetReads()
    }
  }

  const results = await Promise.all(active.map(start))
  return results.flatMap(({ result, more }) => [result, ...more])
}

function resultOf(check: AnyCheck, verdict: Verdict<unknown>): Omit<CheckResult, 'ms'> {
  const { code, title, link, level = 'error' } = check
  const result: Omit<CheckResult, 'ms'> = {
    code,
    title,
    link,
    level: verdict.status === 'warn' ? 'warning' : level,
    status: verdict.status,
    detail: verdict.detail ?? '',
    doc: docsLink(code),
  }
  if (verdict.status === 'pass') return result
  if (verdict.status === 'skip') return verdict.couldNotRun ? { ...result, couldNotRun: true } : result
  const { is, should, trace } = verdict
  return {
    ...result,
    remedy: verdict.remedy,
    ...(is === undefined ? {} : { is }),
    ...(should === undefined ? {} : { should }),
    ...(trace === undefined ? {} : { trace }),
    ...(verdict.status === 'fail' && verdict.transient ? { transient: true } : {}),
  }
}

/** One look, or what it waited for when its time was over. */
async function inTime<T>(check: AnyCheck, look: () => Promise<T>, run: Run): Promise<T> {
  const seconds = check.timeoutSeconds ?? 30
  const over = new AbortController()
  const asked = trackRequests(look)
  try {
    return await Promise.race([
      asked.answer,
      pause(seconds * 1000, AbortSignal.any([run.signal, over.signal])).then(() => {
        const waiting = asked.waiting()
        throw new ActionRequiredError(
          `No answer within ${seconds} seconds${waiting ? ` to ${waiting}` : ''}`,
          `Look at the network on the way there, then ${run.command('verify')} --debug`,
        )
      }),
    ])
  } catch (error) {
    // What a look has made for a moment it takes back itself; an interruption lets it.
    if (run.signal.aborted)
      await Promise.race([asked.answer.catch(() => {}), pause(10_000, over.signal).catch(() => {})])
    throw error
  } finally {
    over.abort()
  }
}

export const isHealthy = (results: readonly CheckResult[]) => results.every(({ status }) => status !== 'fail')
