import { withRetries } from './retry.ts'
import { makeContext, type Run } from './run.ts'
import type { AnyStep, Difference, Inspection, StepCommand } from './step.ts'

export interface PlanItem {
  id: string
  title: string
  label: string
  command: StepCommand | undefined
  action: 'create' | 'change' | 'keep' | 'remove'
  changes: Difference[]
  note: string | undefined
  details: [string, string][]
  /** It goes with this thing, without anything done for it. */
  deletedWith?: string
  inspection: Inspection<unknown>
}

/** What a set-up would do, in the order of the list. */
export interface Plan {
  items: PlanItem[]
}

export const knownOutputs = (found: Inspection<unknown> | undefined): Record<string, unknown> =>
  found && found.state !== 'absent' ? (found.out as Record<string, unknown>) : {}

const actions = { absent: 'create', drifted: 'change', ready: 'keep' } as const

export const planItem = (step: AnyStep, run: Run, found: Inspection<unknown>): PlanItem => ({
  id: step.id,
  title: step.title,
  label: step.label(run.settings as never),
  command: step.command,
  action: actions[found.state],
  changes: found.state === 'drifted' ? found.diff : [],
  note: found.note,
  details: found.state === 'absent' ? (found.details ?? []) : [],
  inspection: found,
})

/** Inspects every step as soon as what it needs has been inspected. Reads only. */
export async function plan(steps: readonly AnyStep[], run: Run): Promise<Plan> {
  const inspections = new Map<string, Promise<Inspection<unknown>>>()
  const inspect = (step: AnyStep): Promise<Inspection<unknown>> => {
    let running = inspections.get(step.id)
    if (!running) {
      running = (async () => {
        const needs: Record<string, unknown> = {}
        await Promise.all(
          Object.entries(step.needs).map(async ([name, { id }]) => {
            needs[name] = knownOutputs(await inspect(stepById(steps, id)))
          }),
        )
        run.signal.throwIfAborted()
        const note = (text: string) => run.emit({ type: 'note', id: step.id, text })
        const ctx = makeContext(run, needs, note)
        return withRetries(run, note, () => step.inspect(ctx), false)
      })()
      inspections.set(step.id, running)
    }
    return running
  }
  const results = await Promise.allSettled(steps.map(inspect))
  const failure = results.find((result) => result.status === 'rejected')
  if (failure) throw failure.reason
  const found = results.map((result) => (result as PromiseFulfilledResult<Inspection<unknown>>).value)
  return { items: steps.map((step, index) => planItem(step, run, found[index]!)) }
}

export function stepById(steps: readonly AnyStep[], id: string): AnyStep {
  const found = steps.find((step) => step.id === id)
  if (!found) throw new Error(`No step ${id} in the list`)
  return found
}

/** The steps and all that they need, in the order of the list. */
export function withDependencies(all: readonly AnyStep[], wanted: (step: AnyStep) => boolean): AnyStep[] {
  const ids = new Set<string>()
  const add = (step: AnyStep) => {
    if (ids.has(step.id)) return
    ids.add(step.id)
    for (const { id } of Object.values(step.needs)) add(stepById(all, id))
  }
  all.filter(wanted).forEach(add)
  return all.filter((step) => ids.has(step.id))
}
