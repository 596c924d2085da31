import { ActionRequiredError } from '../base/action-required.ts'
import { ServiceError } from '../clients/service-error.ts'
import { knownOutputs, type Plan, type PlanItem, planItem, stepById } from './plan.ts'
import { backoff, formatLimit, withRetries } from './retry.ts'
import { makeContext, pause, type Run } from './run.ts'
import type { AnyStep, Inspection } from './step.ts'

export interface StepResult {
  item: PlanItem
  /** `skipped`: something that it needs failed; `stopped`: the run was interrupted while it was at work or before. */
  outcome: 'done' | 'failed' | 'skipped' | 'stopped'
  /** True if it was at work when the run was interrupted. */
  started: boolean
  inspection: Inspection<unknown>
  error?: Error
  ms: number
}

/** Makes everything that the plan says; each step starts as soon as what it needs is ready. Never throws: outcomes are per step. */
export async function apply(steps: readonly AnyStep[], plan: Plan, run: Run): Promise<StepResult[]> {
  const running = new Map<string, Promise<StepResult>>()
  const start = (item: PlanItem): Promise<StepResult> => {
    let work = running.get(item.id)
    if (!work) {
      work = applyOne(item)
      running.set(item.id, work)
    }
    return work
  }

  const applyOne = async (item: PlanItem): Promise<StepResult> => {
    const step = stepById(steps, item.id)
    const results = await Promise.all(
      Object.values(step.needs).map(({ id }) => start(plan.items.find((each) => each.id === id)!)),
    )
    const result = (
      outcome: StepResult['outcome'],
      found: Inspection<unknown>,
      began?: number,
      error?: Error,
    ): StepResult => ({
      item,
      outcome,
      started: began !== undefined,
      inspection: found,
      ms: began === undefined ? 0 : performance.now() - began,
      ...(error === undefined ? {} : { error }),
    })
    if (results.some(({ outcome }) => outcome !== 'done'))
      return result(run.signal.aborted ? 'stopped' : 'skipped', item.inspection)
    if (item.action === 'keep') return result('done', item.inspection)
    if (run.signal.aborted) return result('stopped', item.inspection)

    const began = performance.now()
    const { id, title, label } = item
    run.emit({ type: 'started', id, title, label, usually: step.usualDuration })
    try {
      const needsChanged = results.some((each) => each.item.action !== 'keep')
      const { found, action } = await makeReady(
        step,
        item.inspection,
        needsChanged,
        needsOf(step, results),
        run,
      )
      const done = result('done', found, began)
      run.emit({ type: 'done', id, title, label, action, ms: done.ms })
      return { ...done, item: { ...item, action } }
    } catch (error) {
      if (run.signal.aborted) return result('stopped', item.inspection, began)
      run.emit({ type: 'failed', id, title, label, error: error as Error, ms: performance.now() - began })
      return result('failed', item.inspection, began, error as Error)
    }
  }
  return Promise.all(plan.items.map(start))
}

const needsOf = (step: AnyStep, results: StepResult[]) =>
  Object.fromEntries(
    Object.entries(step.needs).map(([name, { id }]) => [
      name,
      knownOutputs(results.find((each) => each.item.id === id)?.inspection),
    ]),
  )

async function makeReady(
  step: AnyStep,
  planned: Inspection<unknown>,
  inspectAgain: boolean,
  needs: Record<string, unknown>,
  run: Run,
): Promise<{ found: Inspection<unknown>; action: PlanItem['action'] }> {
  const note = (text: string) => run.emit({ type: 'note', id: step.id, text })
  const ctx = makeContext(run, needs, note)
  const inspect = () => {
    run.forgetReads()
    return withRetries(run, note, () => step.inspect(ctx))
  }
  const before = inspectAgain ? await inspect() : planned
  if (before.state === 'ready') return { found: before, action: 'keep' }
  // What the plan called a creation stays one, though by now a part of it may be there (an add-on without pods yet).
  const action = planned.state === 'absent' ? 'create' : planItem(step, run, before).action
  try {
    await withRetries(run, note, () => step.apply(ctx, before as never))
  } catch (error) {
    // Refused because it is there by now: a lost answer, or somebody else who wants the same.
    if (run.signal.aborted || !(error instanceof ServiceError)) throw error
    const now = await inspect().catch(() => undefined)
    if (now?.state === 'ready') return { found: now, action }
    // Or the service has lost sight of its own operation, which goes on.
    const begun = error.status === 404 && before.state === 'absent' && now !== undefined
    if (!begun || now.state === 'absent') throw error
  }

  const limit = (step.readyTimeoutMs ?? 180_000) * (run.polling.timeoutFactor ?? 1)
  const deadline = performance.now() + limit
  const wait = backoff(run.polling)
  for (;;) {
    const after = await inspect()
    if (after.state === 'ready') return { found: after, action }
    if (performance.now() > deadline) throw notReady(step, after, limit)
    note(`waiting ${step.waitingFor ?? 'until the change is seen everywhere'}`)
    await pause(wait(), run.signal)
  }
}

function notReady(step: AnyStep, found: Inspection<unknown>, ms: number): ActionRequiredError {
  const how =
    found.state === 'drifted'
      ? `still differs after ${formatLimit(ms)}: ${found.diff.map((each) => `${each.field} is ${each.is}, should be ${each.want}`).join('; ')}`
      : `is not seen after ${formatLimit(ms)}`
  return new ActionRequiredError(
    `The ${step.title} was written, but ${how}`,
    'Run the same command again: it goes on from here',
  )
}
