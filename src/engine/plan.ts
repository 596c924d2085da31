import { walkGraph } from './graph.ts'
import { makeContext, type Run } from './run.ts'
import type { AnyStep, Difference, Inspection, StepCommand } from './step.ts'
import { withRetries } from './waiting.ts'

export interface PlanItem {
  id: string
  title: string
  label: string
  command: StepCommand | undefined
  action: 'create' | 'change' | 'keep' | 'remove'
  changes: Difference[]
  note: string | undefined
  details: [string, string][]
  /** How long the action usually takes. */
  usually?: string | undefined
  /** It is deleted with this resource, which has its own item. */
  deletedWith?: string
  /** Deleting it can't be undone, so the user confirms it by this name. */
  confirmation?: string
  inspection: Inspection<unknown>
}

/** What a run would do, in the order of the steps. */
export interface Plan {
  items: PlanItem[]
}

/** Returns what is known of a step's outputs. */
export const knownOutputs = (inspection: Inspection<unknown> | undefined): Record<string, unknown> =>
  inspection && inspection.state !== 'absent' ? (inspection.out as Record<string, unknown>) : {}

const actions = { absent: 'create', drifted: 'change', ready: 'keep' } as const

export const planItem = (step: AnyStep, run: Run, inspection: Inspection<unknown>): PlanItem => ({
  id: step.id,
  title: step.title,
  label: step.label(run.settings),
  command: step.command,
  action: actions[inspection.state],
  changes: inspection.state === 'drifted' ? inspection.diff : [],
  note: inspection.note,
  details: inspection.state === 'absent' ? (inspection.details ?? []) : [],
  ...(inspection.state === 'ready' ? {} : { usually: step.usualDuration }),
  inspection,
})

/** Inspects each step as soon as the steps it needs have been inspected. Reads only. */
export async function plan(steps: readonly AnyStep[], run: Run): Promise<Plan> {
  run.emit({ type: 'inspecting', steps: steps.length })
  const dependencies = (step: AnyStep) => neededSteps(steps, step)
  const items = await walkGraph(steps, dependencies, async (step, needed: PlanItem[]) => {
    run.signal.throwIfAborted()
    const outputs = needsOf(step, (id) => knownOutputs(needed.find((item) => item.id === id)?.inspection))
    const note = (text: string) => run.emit({ type: 'note', id: step.id, text })
    const context = makeContext(run, outputs, note)
    const inspection = await withRetries(run, note, () => step.inspect(context), 'planning')
    run.emit({ type: 'inspected', id: step.id })
    return planItem(step, run, inspection)
  })
  return { items }
}

/** Returns the context's needs: for each name, the outputs of the step with that ID. */
export const needsOf = <T>(step: AnyStep, outputs: (id: string) => T): Record<string, T> =>
  Object.fromEntries(Object.entries<AnyStep>(step.needs).map(([name, { id }]) => [name, outputs(id)]))

/** Returns the steps that a step needs. */
export const neededSteps = (steps: readonly AnyStep[], step: AnyStep): AnyStep[] =>
  Object.values<AnyStep>(step.needs).map(({ id }) => stepById(steps, id))

export function stepById(steps: readonly AnyStep[], id: string): AnyStep {
  const found = steps.find((step) => step.id === id)
  if (!found) throw new Error(`No step ${id} in the list`)
  return found
}

/** Returns the wanted steps with all they need, in the order of the list. */
export function withDependencies(all: readonly AnyStep[], isWanted: (step: AnyStep) => boolean): AnyStep[] {
  const ids = new Set<string>()
  const add = (step: AnyStep) => {
    if (ids.has(step.id)) return
    ids.add(step.id)
    neededSteps(all, step).forEach(add)
  }
  all.filter(isWanted).forEach(add)
  return all.filter((step) => ids.has(step.id))
}
