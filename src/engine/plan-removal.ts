import { walkGraph } from './graph.ts'
import { knownOutputs, neededSteps, needsOf, type Plan, type PlanItem, stepById } from './plan.ts'
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

export type Removabilities = ReadonlyMap<string, Removability<unknown>>

/** What `destroy` would delete: the steps that exist, in reverse order, dependents first. */
export interface RemovalPlan extends Plan {
  /** By step ID. */
  removability: Removabilities
  options: DestroyOptions
}

/** Returns what is known of a step's outputs. */
export const remainingOutputs = (is: Removability<unknown> | undefined): Record<string, unknown> =>
  is === undefined || is.state === 'absent' ? {} : (is.out as Record<string, unknown>)

/** Returns the step whose resource contains this one's. */
export const containerOf = (steps: readonly AnyStep[], step: AnyStep, run: Run): AnyStep | undefined => {
  const need = step.within?.(run.settings)
  const id = need && step.needs[need]?.id
  return id === undefined ? undefined : stepById(steps, id)
}

/** Inspects one step for removal; `needs` holds what is left of the steps it needs. */
export async function assessRemoval(
  step: AnyStep,
  needs: Record<string, unknown>,
  run: Run,
  options: DestroyOptions,
): Promise<Removability<unknown>> {
  const note = (text: string) => run.emit({ type: 'note', id: step.id, text })
  const context = { ...makeContext(run, needs, note), ...options }
  if (step.removability) return step.removability(context)
  const inspection = await step.inspect(context)
  if (inspection.state === 'absent') return nothingToRemove
  const out = knownOutputs(inspection)
  return inspection.owned && step.remove ? removable(out, inspection.note) : retained(out, notManaged)
}

/** Assesses each step as soon as the steps it needs have been assessed. Reads only. */
export async function planRemoval(
  steps: readonly AnyStep[],
  run: Run,
  options: DestroyOptions,
): Promise<RemovalPlan> {
  run.emit({ type: 'inspecting', steps: steps.length })
  type Assessed = { step: AnyStep; is: Removability<unknown> }
  const dependencies = (step: AnyStep) => neededSteps(steps, step)
  const assessed = await walkGraph(steps, dependencies, async (step, needed: Assessed[]) => {
    const found = (id: string | undefined) => needed.find((each) => each.step.id === id)?.is
    run.signal.throwIfAborted()
    const container = containerOf(steps, step, run)
    const inside = found(container?.id)
    const outputs = needsOf(step, (id) => remainingOutputs(found(id)))
    const is: Removability<unknown> =
      container?.cascades && inside?.state === 'absent'
        ? nothingToRemove
        : inside?.state === 'unreachable'
          ? { state: 'unreachable', out: {}, note: `unknown, because the ${container!.title} is unreachable` }
          : await assessRemoval(step, outputs, run, options)
    run.emit({ type: 'inspected', id: step.id })
    return { step, is }
  })
  const removability = new Map(assessed.map(({ step, is }) => [step.id, is]))
  retainContainers(steps, removability, run)
  for (const step of steps) {
    const is = removability.get(step.id)!
    if (is.state === 'removable' && is.denial && !cascadingContainer(steps, step, removability, run))
      throw is.denial
  }
  const items = steps.toReversed().flatMap((step) => removalItem(steps, step, removability, run) ?? [])
  return {
    items: items.map((item) => withConfirmation(stepById(steps, item.id), item, options)),
    removability,
    options,
  }
}

/** Retains what contains something retained, and what deleting that later will need. */
function retainContainers(
  steps: readonly AnyStep[],
  removability: Map<string, Removability<unknown>>,
  run: Run,
): void {
  const retain = (id: string | undefined, reason: string | undefined): boolean => {
    const is = id === undefined ? undefined : removability.get(id)
    if (!reason || is?.state !== 'removable') return false
    removability.set(id!, retained(is.out, reason))
    return true
  }
  // First what names the users of a container: the plan shows the first reason.
  for (const step of steps) {
    const is = removability.get(step.id)!
    if (is.state === 'removable' || is.state === 'absent')
      retain(containerOf(steps, step, run)?.id, is.retainsContainer)
  }
  for (let changed = true; changed; ) {
    changed = false
    for (const step of steps) {
      const is = removability.get(step.id)!
      const need = is.state === 'retained' && is.neededLater ? step.needs[is.neededLater]?.id : undefined
      if (retain(need, `needed to delete the ${named(step, run)} later`)) changed = true
      if (retain(containerOf(steps, step, run)?.id, reasonToRetainContainer(step, is, run))) changed = true
    }
  }
}

const named = (step: AnyStep, run: Run): string =>
  [step.title, step.label(run.settings)].filter(Boolean).join(' ')

function reasonToRetainContainer(step: AnyStep, is: Removability<unknown>, run: Run): string | undefined {
  if (is.state === 'removable' || is.state === 'absent') return is.retainsContainer
  if (is.state === 'retained' && is.detached) return undefined
  return `contains the ${named(step, run)}, which is retained`
}

/** Returns the container whose deletion deletes this step's resource as well. */
export function cascadingContainer(
  steps: readonly AnyStep[],
  step: AnyStep,
  removability: Removabilities,
  run: Run,
): AnyStep | undefined {
  const container = containerOf(steps, step, run)
  return container?.cascades && !step.standalone && removability.get(container.id)?.state === 'removable'
    ? container
    : undefined
}

const withConfirmation = (step: AnyStep, item: PlanItem, options: DestroyOptions): PlanItem =>
  item.action === 'remove' && item.deletedWith === undefined && step.confirmedByName?.(options)
    ? { ...item, confirmation: item.label }
    : item

function removalItem(
  steps: readonly AnyStep[],
  step: AnyStep,
  removability: Removabilities,
  run: Run,
): PlanItem | undefined {
  const is = removability.get(step.id)!
  if (is.state === 'absent') return undefined
  const container = cascadingContainer(steps, step, removability, run)
  return {
    id: step.id,
    title: step.title,
    label: step.label(run.settings),
    command: step.command,
    action: is.state === 'removable' || container ? 'remove' : 'keep',
    changes: [],
    note: container ? `with the ${container.title}` : is.note,
    ...(container ? { deletedWith: container.title } : {}),
    details: [],
    inspection: { state: 'ready', out: is.out, owned: is.state === 'removable' },
  }
}
