import { itemOf, outOf, type Plan, type PlanItem, stepById } from './plan.ts'
import { persistently, waits } from './retry.ts'
import { contextOf, pause, type Run } from './run.ts'
import type { AnyStep, Found } from './step.ts'

export interface Applied {
  item: PlanItem
  /** `skipped`: something that it needs failed; `stopped`: the run was interrupted while it was at work or before. */
  outcome: 'done' | 'failed' | 'skipped' | 'stopped'
  /** True if it was at work when the run was interrupted. */
  started: boolean
  found: Found<unknown>
  error?: Error
  ms: number
}

class NotReady extends Error {}

/** Makes everything that the plan says; each step starts as soon as what it needs is ready. Never throws: outcomes are per step. */
export async function apply(steps: readonly AnyStep[], plan: Plan, run: Run): Promise<Applied[]> {
  const running = new Map<string, Promise<Applied>>()
  const start = (item: PlanItem): Promise<Applied> => {
    let work = running.get(item.id)
    if (!work) {
      work = applyOne(item)
      running.set(item.id, work)
    }
    return work
  }

  const applyOne = async (item: PlanItem): Promise<Applied> => {
    const step = stepById(steps, item.id)
    const results = await Promise.all(
      Object.values(step.needs).map(({ id }) => start(plan.items.find((each) => each.id === id)!)),
    )
    const result = (
      outcome: Applied['outcome'],
      found: Found<unknown>,
      began?: number,
      error?: Error,
    ): Applied => ({
      item,
      outcome,
      started: began !== undefined,
      found,
      ms: began === undefined ? 0 : performance.now() - began,
      ...(error === undefined ? {} : { error }),
    })
    if (results.some(({ outcome }) => outcome !== 'done'))
      return result(run.signal.aborted ? 'stopped' : 'skipped', item.found)
    if (item.action === 'keep') return result('done', item.found)
    if (run.signal.aborted) return result('stopped', item.found)

    const began = performance.now()
    const { id, title, label } = item
    run.report({ type: 'started', id, title, label, usually: step.usually })
    try {
      const needsChanged = results.some((each) => each.item.action !== 'keep')
      const { found, action } = await makeReady(step, item.found, needsChanged, needsOf(step, results), run)
      const done = result('done', found, began)
      run.report({ type: 'done', id, title, label, action, ms: done.ms })
      return { ...done, item: { ...item, action } }
    } catch (error) {
      if (run.signal.aborted) return result('stopped', item.found, began)
      run.report({ type: 'failed', id, title, label, error: error as Error, ms: performance.now() - began })
      return result('failed', item.found, began, error as Error)
    }
  }
  return Promise.all(plan.items.map(start))
}

const needsOf = (step: AnyStep, results: Applied[]) =>
  Object.fromEntries(
    Object.entries(step.needs).map(([name, { id }]) => [
      name,
      outOf(results.find((each) => each.item.id === id)?.found),
    ]),
  )

async function makeReady(
  step: AnyStep,
  planned: Found<unknown>,
  inspectAgain: boolean,
  needs: Record<string, unknown>,
  run: Run,
): Promise<{ found: Found<unknown>; action: PlanItem['action'] }> {
  const note = (text: string) => run.report({ type: 'note', id: step.id, text })
  const ctx = contextOf(run, needs, note)
  const inspect = () => {
    run.forget()
    return persistently(run, note, () => step.inspect(ctx))
  }
  const before = inspectAgain ? await inspect() : planned
  if (before.state === 'ready') return { found: before, action: 'keep' }
  const action = itemOf(step, run, before).action
  await persistently(run, note, () => step.apply(ctx, before as never))

  const deadline = performance.now() + (step.deadline ?? 180_000)
  const wait = waits(run.patience)
  for (;;) {
    const after = await inspect()
    if (after.state === 'ready') return { found: after, action }
    if (performance.now() > deadline) throw new NotReady(notReady(step, after, deadline))
    note(after.note ?? 'waiting until the change is seen everywhere')
    await pause(wait(), run.signal)
  }
}

const notReady = (step: AnyStep, found: Found<unknown>, _deadline: number) =>
  found.state === 'drifted'
    ? `The ${step.title} was written, but still differs after ${Math.round((step.deadline ?? 180_000) / 1000)} s: ${found.diff.map((each) => `${each.field} is ${each.is}, should be ${each.want}`).join('; ')}`
    : `The ${step.title} was written, but is not seen after ${Math.round((step.deadline ?? 180_000) / 1000)} s`
