import { Refusal } from '../refusal.ts'
import { type Applied, duration } from './apply.ts'
import { outOf, type Plan, type PlanItem, stepById } from './plan.ts'
import { persistently, waits } from './retry.ts'
import { contextOf, pause, type Run } from './run.ts'
import { type AnyStep, type Consent, gone, kept, notOurs, ours, type Remains } from './step.ts'

type Seen = Remains<unknown>

/** What a `destroy` would take back: the steps that are there, those that others stand on last. */
export interface TakeBack extends Plan {
  seen: ReadonlyMap<string, Seen>
  consent: Consent
}

const outIn = (seen: Seen | undefined): Record<string, unknown> =>
  seen === undefined || seen.state === 'gone' ? {} : (seen.out as Record<string, unknown>)

/** The step that this one lives in. */
const containerOf = (steps: readonly AnyStep[], step: AnyStep, run: Run): AnyStep | undefined => {
  const need = step.within?.(run.settings as never)
  const id = need && step.needs[need]?.id
  return id === undefined ? undefined : stepById(steps, id)
}

/** Looks at one step, given what is left of the others. */
async function look(
  step: AnyStep,
  needs: Record<string, unknown>,
  container: { step: AnyStep; seen: Seen } | undefined,
  run: Run,
  consent: Consent,
): Promise<Seen> {
  if (container?.seen.state === 'gone' && container.step.takesAlong) return gone
  if (container?.seen.state === 'unseen')
    return { state: 'unseen', out: {}, note: `cannot be looked at without the ${container.step.title}` }
  const note = (text: string) => run.report({ type: 'note', id: step.id, text })
  const ctx = { ...(contextOf(run, needs, note) as object), ...consent } as never
  if (step.remains) return step.remains(ctx)
  const found = await step.inspect(ctx)
  if (found.state === 'absent') return gone
  if (!found.owned || !step.remove) return kept(outOf(found), notOurs)
  return ours(outOf(found), found.note)
}

/** Looks at every step as soon as what it needs has been looked at. Reads only. */
export async function planDestroy(steps: readonly AnyStep[], run: Run, consent: Consent): Promise<TakeBack> {
  const looks = new Map<string, Promise<Seen>>()
  const seeing = (step: AnyStep): Promise<Seen> => {
    let running = looks.get(step.id)
    if (!running) {
      running = (async () => {
        const needs: Record<string, unknown> = {}
        await Promise.all(
          Object.entries(step.needs).map(async ([name, { id }]) => {
            needs[name] = outIn(await seeing(stepById(steps, id)))
          }),
        )
        const within = containerOf(steps, step, run)
        const container = within && { step: within, seen: await seeing(within) }
        run.signal.throwIfAborted()
        return look(step, needs, container, run, consent)
      })()
      looks.set(step.id, running)
    }
    return running
  }
  const results = await Promise.allSettled(steps.map(seeing))
  const failure = results.find((result) => result.status === 'rejected')
  if (failure) throw failure.reason
  const seen = new Map<string, Seen>()
  for (const [index, result] of results.entries())
    seen.set(steps[index]!.id, (result as PromiseFulfilledResult<Seen>).value)
  keepWhatHolds(steps, seen, run)
  for (const step of steps) {
    const is = seen.get(step.id)!
    if (is.state === 'ours' && is.refusal && !alongWith(steps, step, seen, run)) throw is.refusal
  }
  const items = steps.toReversed().flatMap((step) => itemOf(steps, step, seen, run) ?? [])
  return { items, seen, consent }
}

/** What stays keeps what it lives in, and what its removal will need. */
function keepWhatHolds(steps: readonly AnyStep[], seen: Map<string, Seen>, run: Run): void {
  const keep = (id: string | undefined, why: string | undefined): boolean => {
    const is = id === undefined ? undefined : seen.get(id)
    if (!why || is?.state !== 'ours') return false
    seen.set(id!, kept(is.out, why))
    return true
  }
  for (let changed = true; changed; ) {
    changed = false
    for (const step of steps) {
      const is = seen.get(step.id)!
      const need = is.state === 'kept' && is.keeps ? step.needs[is.keeps]?.id : undefined
      if (keep(need, `will be needed to remove the ${named(step, run)}`)) changed = true
      if (keep(containerOf(steps, step, run)?.id, holding(step, is, run))) changed = true
    }
  }
}

const named = (step: AnyStep, run: Run): string =>
  [step.title, step.label(run.settings as never)].filter(Boolean).join(' ')

/** Why this keeps what it lives in. */
function holding(step: AnyStep, seen: Seen, run: Run): string | undefined {
  if (seen.state === 'ours' || seen.state === 'gone') return seen.holds
  if (seen.state === 'kept' && seen.parts) return undefined
  return `holds the ${named(step, run)}, which stays`
}

/** The container whose removal takes this along. */
function alongWith(
  steps: readonly AnyStep[],
  step: AnyStep,
  seen: ReadonlyMap<string, Seen>,
  run: Run,
): AnyStep | undefined {
  const container = containerOf(steps, step, run)
  return container?.takesAlong && !step.alone && seen.get(container.id)?.state === 'ours'
    ? container
    : undefined
}

function itemOf(
  steps: readonly AnyStep[],
  step: AnyStep,
  all: ReadonlyMap<string, Seen>,
  run: Run,
): PlanItem | undefined {
  const seen = all.get(step.id)!
  if (seen.state === 'gone') return undefined
  const along = alongWith(steps, step, all, run)
  return {
    id: step.id,
    title: step.title,
    label: step.label(run.settings as never),
    command: step.command,
    action: seen.state === 'ours' || along ? 'remove' : 'keep',
    changes: [],
    note: along ? `with the ${along.title}` : seen.note,
    ...(along ? { along: along.title } : {}),
    details: [],
    found: { state: 'ready', out: seen.out, owned: seen.state === 'ours' },
  }
}

/**
 * Removes everything that the plan says; each thing goes as soon as all that stands on it is gone. It is looked at once
 * more right before, and until it is gone. Never throws: outcomes are per step.
 */
export async function destroy(steps: readonly AnyStep[], plan: TakeBack, run: Run): Promise<Applied[]> {
  const { seen, consent } = plan
  const running = new Map<string, Promise<Applied>>()
  const itemFor = (id: string) => plan.items.find((item) => item.id === id)
  const rootOf = (step: AnyStep) => alongWith(steps, step, seen, run) ?? step

  const start = (step: AnyStep): Promise<Applied | undefined> => {
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

  const removeOne = async (step: AnyStep, item: PlanItem): Promise<Applied> => {
    const before = await Promise.all(dependents(step).map(start))
    const result = (
      outcome: Applied['outcome'],
      began?: number,
      of: Partial<Pick<Applied, 'item' | 'error'>> = {},
    ): Applied => ({
      item,
      outcome,
      started: began !== undefined,
      found: item.found,
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
    run.report({ type: 'started', id, title, label, usually: undefined })
    try {
      const left = await takeAway(step, needsOf(step, seen), run, consent)
      const ms = performance.now() - began
      run.report({ type: 'done', id, title, label, action: left === undefined ? 'remove' : 'keep', ms })
      return left === undefined ? result('done', began) : { ...stays(left), ms }
    } catch (error) {
      if (run.signal.aborted) return result('stopped', began)
      run.report({ type: 'failed', id, title, label, error: error as Error, ms: performance.now() - began })
      return result('failed', began, { error: error as Error })
    }
  }

  /** True if the plan had it removed, and it was found that it must stay. */
  const stayed = ({ item }: Applied) => item.action === 'keep' && seen.get(item.id)?.state === 'ours'

  return Promise.all(
    plan.items.map(async (item) => {
      const done = (await start(stepById(steps, item.id)))!
      return done.item.id === item.id ? done : wentAlong(item, done)
    }),
  )
}

/** What goes along with something stays if that does, and is not what failed. */
const wentAlong = (item: PlanItem, { item: container, outcome, found }: Applied): Applied => ({
  item: container.action === 'keep' ? { ...item, action: 'keep' } : item,
  outcome: outcome === 'failed' ? 'skipped' : outcome,
  started: false,
  found,
  ms: 0,
})

const worst = (results: (Applied | undefined)[]) => results.find((each) => each && each.outcome !== 'done')

const needsOf = (step: AnyStep, seen: ReadonlyMap<string, Seen>) =>
  Object.fromEntries(Object.entries(step.needs).map(([name, { id }]) => [name, outIn(seen.get(id))]))

/** Removes it and waits until it is gone. If it must stay by now, the answer says why. */
async function takeAway(
  step: AnyStep,
  needs: Record<string, unknown>,
  run: Run,
  consent: Consent,
): Promise<string | undefined> {
  const note = (text: string) => run.report({ type: 'note', id: step.id, text })
  const seeNow = () => {
    run.forget()
    return persistently(run, note, () => look(step, needs, undefined, run, consent))
  }
  const before = await seeNow()
  if (before.state === 'gone') return undefined
  if (before.state !== 'ours') return before.note
  const ctx = { ...(contextOf(run, needs, note) as object), ...consent } as never
  await persistently(run, note, () => step.remove!(ctx, before.out as never))
  const limit = step.deadline ?? 180_000
  const deadline = performance.now() + limit
  const wait = waits(run.patience)
  while ((await seeNow()).state === 'ours') {
    if (performance.now() > deadline)
      throw new Refusal(
        `The ${step.title} was removed, but is still seen after ${duration(limit)}`,
        'Run the same command again: it goes on from here',
      )
    note('waiting until it is gone')
    await pause(wait(), run.signal)
  }
  return undefined
}
