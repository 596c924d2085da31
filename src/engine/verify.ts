import { explain } from '../explain.ts'
import type { AnyCheck, Code, Link, Verdict } from './check.ts'
import { retryRule, waits } from './retry.ts'
import { contextOf, pause, type Run } from './run.ts'

export interface CheckResult {
  code: Code
  title: string
  link: Link
  status: 'pass' | 'warn' | 'fail' | 'skip'
  detail: string
  is?: string
  should?: string
  remedy?: string
  /** Of a skipped one: the failed check that it hangs on. */
  because?: Code
  /** Trace or request id of the service that refused. */
  trace?: string
  ms: number
}

/**
 * Runs the checks as soon as what they need has passed; one whose need failed is skipped because of it.
 * Transient failures are looked at again until `waitMs` have gone by.
 */
export async function verify(checks: readonly AnyCheck[], run: Run, waitMs = 0): Promise<CheckResult[]> {
  run.report({ type: 'checking' })
  const deadline = performance.now() + waitMs
  const running = new Map<Code, Promise<{ result: CheckResult; verdict: Verdict<unknown> | undefined }>>()
  const active = checks.filter((check) => !check.idle?.(run.settings))
  const start = (check: AnyCheck) => {
    let work = running.get(check.code)
    if (!work) {
      work = runOne(check)
      running.set(check.code, work)
    }
    return work
  }

  const runOne = async (
    check: AnyCheck,
  ): Promise<{ result: CheckResult; verdict: Verdict<unknown> | undefined }> => {
    const head = { code: check.code, title: check.title, link: check.link }
    const needs: Record<string, unknown> = {}
    let because: Code | undefined
    for (const [name, { code }] of Object.entries(check.needs)) {
      const needed = active.find((each) => each.code === code)
      if (!needed) continue
      const { result, verdict } = await start(needed)
      if (result.status === 'fail' || result.status === 'skip') because ??= result.because ?? result.code
      else needs[name] = (verdict as { out: unknown }).out
    }
    const began = performance.now()
    if (because) {
      const result: CheckResult = {
        ...head,
        status: 'skip',
        detail: `skipped because of ${because}`,
        because,
        ms: 0,
      }
      run.report({ type: 'checked', result })
      return { result, verdict: undefined }
    }
    const verdict = await decide(check, needs)
    const result: CheckResult = {
      ...head,
      status: verdict.status,
      detail: verdict.detail ?? '',
      ms: performance.now() - began,
    }
    if (verdict.status === 'fail' || verdict.status === 'warn') result.remedy = verdict.mend
    if (verdict.status === 'fail') {
      if (verdict.is !== undefined) result.is = verdict.is
      if (verdict.should !== undefined) result.should = verdict.should
      if (verdict.trace !== undefined) result.trace = verdict.trace
    }
    run.report({ type: 'checked', result })
    return { result, verdict }
  }

  const decide = async (check: AnyCheck, needs: Record<string, unknown>): Promise<Verdict<unknown>> => {
    const wait = waits(run.patience)
    const began = performance.now()
    for (;;) {
      run.signal.throwIfAborted()
      let verdict: Verdict<unknown>
      try {
        verdict = await check.run(contextOf(run, needs, () => {}))
      } catch (error) {
        if (run.signal.aborted) throw run.signal.reason
        const { what, mend, trace } = explain(error)
        // A service that did not answer properly may do so in a moment; how long that is worth waiting for stands in the table.
        const transient = performance.now() - began < (retryRule(error)?.seconds ?? 0) * 1000
        verdict = { status: 'fail', detail: what, mend, transient, trace }
      }
      if (verdict.status !== 'fail' || !verdict.transient || performance.now() >= deadline) return verdict
      await pause(Math.min(wait(), Math.max(0, deadline - performance.now())), run.signal)
      run.forget()
    }
  }

  const results = await Promise.all(active.map(start))
  return results.map(({ result }) => result)
}

export const isHealthy = (results: readonly CheckResult[]) => results.every(({ status }) => status !== 'fail')
