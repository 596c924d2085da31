import { ActionRequiredError } from '../base/action-required.ts'
import type { StepResult } from './apply.ts'
import { type PlanItem, stepById } from './plan.ts'
import {
  assessRemoval,
  cascadingContainer,
  containerOf,
  outIn,
  type RemovalPlan,
  type Seen,
} from './plan-removal.ts'
import { backoff, formatLimit, withRetries } from './retry.ts'
import { makeContext, pause, type Run } from './run.ts'
import type { AnyStep, DestroyOptions } from './step.ts'

/**
 * Removes everything that the plan says; each thing goes as soon as all that stands on it is gone. It is looked at once
 * more right before, and until it is gone. Never throws: outcomes are per step.
 */
export async function destroy(steps: readonly AnyStep[], plan: RemovalPlan, run: Run): Promise<StepResult[]> {
  const { removability, options } = plan
  const running = new Map<string, Promise<StepResult>>()
  const itemFor = (id: string) => plan.items.find((item) => item.id === id)
  const rootOf = (step: AnyStep) => cascadingContainer(steps, step, removability, run) ?? step

  const start = (step: AnyStep): Promise<StepResult | undefined> => {
    const root = rootOf(step)
    if (root !== step) return start(root)
    if (!itemFor(step.id)) return Promise.all(dependents(step).map(start)).then(worst)
    let work = running.get(step.id)
    if (!work) {
      work = removeOne(step, itemFor(step.id)!)
      running.set(step.id, work)
    }
    return work
  }
  /** What must be gone before this, or before what goes along with this. */
  const dependents = (step: AnyStep): AnyStep[] => {
    const along = steps.filter((each) => rootOf(each) === step)
    return steps.filter(
      (each) =>
        rootOf(each) !== step &&
        Object.values(each.needs).some(({ id }) => along.some((member) => member.id === id)),
    )
  }

  const removeOne = async (step: AnyStep, item: PlanItem): Promise<StepResult> => {
    const before = await Promise.all(dependents(step).map(start))
    const result = (
      outcome: StepResult['outcome'],
      began?: number,
      of: Partial<Pick<StepResult, 'item' | 'error'>> = {},
    ): StepResult => ({
      item,
      outcome,
      started: began !== undefined,
      inspection: item.inspection,
      ms: began === undefined ? 0 : performance.now() - began,
      ...of,
    })
    if (before.some((each) => each && each.outcome !== 'done'))
      return result(run.signal.aborted ? 'stopped' : 'skipped')
    if (item.action === 'keep') return result('done')
    const inside = before.find(
      (each) => each && stayed(each) && containerOf(steps, stepById(steps, each.item.id), run) === step,
    )
    const stays = (note: string) => result('done', undefined, { item: { ...item, action: 'keep', note } })
    if (inside) return stays(`holds the ${inside.item.title} ${inside.item.label}, which stays`)
    if (run.signal.aborted) return result('stopped')

    const began = performance.now()
    const { id, title, label } = item
    run.emit({ type: 'started', id, title, label, usually: undefined })
    try {
      const left = await takeAway(step, needsOf(step, removability), run, options)
      const ms = performance.now() - began
      run.emit({ type: 'done', id, title, label, action: left === undefined ? 'remove' : 'keep', ms })
      return left === undefined ? result('done', began) : { ...stays(left), ms }
    } catch (error) {
      if (run.signal.aborted) return result('stopped', began)
      run.emit({ type: 'failed', id, title, label, error: error as Error, ms: performance.now() - began })
      return result('failed', began, { error: error as Error })
    }
  }

  /** True if the plan had it removed, and it was found that it must stay. */
  const stayed = ({ item }: StepResult) =>
    item.action === 'keep' && removability.get(item.id)?.state === 'ours'

  return Promise.all(
    plan.items.map(async (item) => {
      const done = (await start(stepById(steps, item.id)))!
      return done.item.id === item.id ? done : wentAlong(item, done)
    }),
  )
}

/** What goes along with something stays if that does, and is not what failed. */
const wentAlong = (item: PlanItem, { item: container, outcome, inspection }: StepResult): StepResult => ({
  item: container.action === 'keep' ? { ...item, action: 'keep' } : item,
  outcome: outcome === 'failed' ? 'skipped' : outcome,
  started: false,
  inspection,
  ms: 0,
})

const worst = (results: (StepResult | undefined)[]) => results.find((each) => each && each.outcome !== 'done')

const needsOf = (step: AnyStep, seen: ReadonlyMap<string, Seen>) =>
  Object.fromEntries(Object.entries(step.needs).map(([name, { id }]) => [name, outIn(seen.get(id))]))

/** Removes it and waits until it is gone. If it must stay by now, the answer says why. */
async function takeAway(
  step: AnyStep,
  needs: Record<string, unknown>,
  run: Run,
  consent: DestroyOptions,
): Promise<string | undefined> {
  const note = (text: string) => run.emit({ type: 'note', id: step.id, text })
  const seeNow = () => {
    run.forgetReads()
    return withRetries(run, note, () => assessRemoval(step, needs, undefined, run, consent))
  }
  const before = await seeNow()
  if (before.state === 'gone') return undefined
  if (before.state !== 'ours') return before.note
  const ctx = { ...(makeContext(run, needs, note) as object), ...consent } as never
  await withRetries(run, note, () => step.remove!(ctx, before.out as never))
  const limit = step.readyTimeoutMs ?? 180_000
  const deadline = performance.now() + limit
  const wait = backoff(run.polling)
  while ((await seeNow()).state === 'ours') {
    if (performance.now() > deadline)
      throw new ActionRequiredError(
        `The ${step.title} was removed, but is still seen after ${formatLimit(limit)}`,
        'Run the same command again: it goes on from here',
      )
    note('waiting until it is gone')
    await pause(wait(), run.signal)
  }
  return undefined
}
