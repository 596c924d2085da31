import { knownOutputs, type Plan, type PlanItem, stepById } from './plan.ts'
import { makeContext, type Run } from './run.ts'
import {
  type AnyStep,
  type DestroyOptions,
  nothingToRemove,
  notManaged,
  type Removability,
  removable,
  retained,
} from './step.ts'

export type Seen = Removability<unknown>

/** What a `destroy` would take back: the steps that are there, those that others stand on last. */
export interface RemovalPlan extends Plan {
  removability: ReadonlyMap<string, Seen>
  options: DestroyOptions
}

export const outIn = (seen: Seen | undefined): Record<string, unknown> =>
  seen === undefined || seen.state === 'gone' ? {} : (seen.out as Record<string, unknown>)

/** The step that this one lives in. */
export const containerOf = (steps: readonly AnyStep[], step: AnyStep, run: Run): AnyStep | undefined => {
  const need = step.within?.(run.settings as never)
  const id = need && step.needs[need]?.id
  return id === undefined ? undefined : stepById(steps, id)
}

/** Looks at one step, given what is left of the others. */
export async function assessRemoval(
  step: AnyStep,
  needs: Record<string, unknown>,
  container: { step: AnyStep; seen: Seen } | undefined,
  run: Run,
  consent: DestroyOptions,
): Promise<Seen> {
  if (container?.seen.state === 'gone' && container.step.cascades) return nothingToRemove
  if (container?.seen.state === 'unseen')
    return { state: 'unseen', out: {}, note: `cannot be looked at without the ${container.step.title}` }
  const note = (text: string) => run.emit({ type: 'note', id: step.id, text })
  const ctx = { ...(makeContext(run, needs, note) as object), ...consent } as never
  if (step.removability) return step.removability(ctx)
  const found = await step.inspect(ctx)
  if (found.state === 'absent') return nothingToRemove
  if (!found.owned || !step.remove) return retained(knownOutputs(found), notManaged)
  return removable(knownOutputs(found), found.note)
}

/** Looks at every step as soon as what it needs has been looked at. Reads only. */
export async function planRemoval(
  steps: readonly AnyStep[],
  run: Run,
  consent: DestroyOptions,
): Promise<RemovalPlan> {
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
        return assessRemoval(step, needs, container, run, consent)
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
    if (is.state === 'ours' && is.refusal && !cascadingContainer(steps, step, seen, run)) throw is.refusal
  }
  const items = steps.toReversed().flatMap((step) => itemOf(steps, step, seen, run) ?? [])
  return { items, removability: seen, options: consent }
}

/** What stays keeps what it lives in, and what its removal will need. */
function keepWhatHolds(steps: readonly AnyStep[], seen: Map<string, Seen>, run: Run): void {
  const keep = (id: string | undefined, why: string | undefined): boolean => {
    const is = id === undefined ? undefined : seen.get(id)
    if (!why || is?.state !== 'ours') return false
    seen.set(id!, retained(is.out, why))
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
export function cascadingContainer(
  steps: readonly AnyStep[],
  step: AnyStep,
  seen: ReadonlyMap<string, Seen>,
  run: Run,
): AnyStep | undefined {
  const container = containerOf(steps, step, run)
  return container?.cascades && !step.standalone && seen.get(container.id)?.state === 'ours'
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
  const along = cascadingContainer(steps, step, all, run)
  return {
    id: step.id,
    title: step.title,
    label: step.label(run.settings as never),
    command: step.command,
    action: seen.state === 'ours' || along ? 'remove' : 'keep',
    changes: [],
    note: along ? `with the ${along.title}` : seen.note,
    ...(along ? { deletedWith: along.title } : {}),
    details: [],
    inspection: { state: 'ready', out: seen.out, owned: seen.state === 'ours' },
  }
}
