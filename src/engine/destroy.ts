import { ActionRequiredError } from '../base/action-required.ts'
import { walkGraph } from './graph.ts'
import { needsOf, type PlanItem, stepById } from './plan.ts'
import {
  assessRemoval,
  cascadingContainer,
  containerOf,
  type RemovalPlan,
  remainingOutputs,
} from './plan-removal.ts'
import { makeContext, type Run } from './run.ts'
import type { AnyStep } from './step.ts'
import { type StepResult, stepResult } from './step-result.ts'
import { formatLimit, waitUntil, withRetries } from './waiting.ts'

/**
 * Deletes the resources in the plan, each as soon as everything that depends on it is deleted. Inspects it right
 * before, and then until it is absent. Never throws: outcomes are per step.
 */
export async function destroy(steps: readonly AnyStep[], plan: RemovalPlan, run: Run): Promise<StepResult[]> {
  const itemOf = (step: AnyStep) => plan.items.find((item) => item.id === step.id)
  const rootOf = (step: AnyStep): AnyStep => {
    const container = cascadingContainer(steps, step, plan.removability, run)
    return container ? rootOf(container) : step
  }
  const roots = steps.filter((step) => rootOf(step) === step)
  /** Returns the roots with a resource that depends on this root, or on one deleted with it. */
  const dependents = (root: AnyStep): AnyStep[] => {
    const dependsOnRoot = (step: AnyStep) =>
      Object.values<AnyStep>(step.needs).some(({ id }) => rootOf(stepById(steps, id)) === root)
    const found = steps.filter((step) => rootOf(step) !== root && dependsOnRoot(step))
    return [...new Set(found.map(rootOf))]
  }
  /** The containers of resources that the plan deletes, but that turned out to be retained. */
  const isRetainedIn = (container: AnyStep) => (result: StepResult | undefined) =>
    result?.item.action === 'keep' &&
    plan.removability.get(result.item.id)?.state === 'removable' &&
    containerOf(steps, stepById(steps, result.item.id), run) === container

  const results = await walkGraph(roots, dependents, async (root, earlier: (StepResult | undefined)[]) => {
    const item = itemOf(root)
    const blocking = earlier.find((each) => each && each.outcome !== 'done')
    if (!item) return blocking
    if (blocking) return stepResult(item, run.signal.aborted ? 'stopped' : 'skipped')
    if (item.action === 'keep') return stepResult(item, 'done')
    const inside = earlier.find(isRetainedIn(root))?.item
    if (inside)
      return stepResult(keep(item, `contains the ${inside.title} ${inside.label}, which is retained`), 'done')
    if (run.signal.aborted) return stepResult(item, 'stopped')
    return removeStep(root, item, plan, run)
  })

  return plan.items.map((item) => {
    const root = rootOf(stepById(steps, item.id))
    const result = results[roots.indexOf(root)]!
    return root.id === item.id ? result : deletedWithContainer(item, result)
  })
}

const keep = (item: PlanItem, note: string): PlanItem => ({ ...item, action: 'keep', note })

/** Returns the result of what is deleted with its container: not itself failed, but not deleted either if that failed. */
const deletedWithContainer = (item: PlanItem, { item: container, outcome }: StepResult): StepResult =>
  stepResult(
    container.action === 'keep' ? { ...item, action: 'keep' } : item,
    outcome === 'failed' ? 'skipped' : outcome,
  )

async function removeStep(step: AnyStep, item: PlanItem, plan: RemovalPlan, run: Run): Promise<StepResult> {
  const { id, title, label } = item
  const began = performance.now()
  run.emit({ type: 'started', id, title, label, usually: undefined })
  try {
    const reasonToRetain = await remove(step, plan, run)
    const result = stepResult(reasonToRetain === undefined ? item : keep(item, reasonToRetain), 'done', {
      began,
    })
    run.emit({ type: 'done', id, title, label, action: result.item.action, ms: result.ms })
    return { ...result, started: reasonToRetain === undefined }
  } catch (error) {
    if (run.signal.aborted) return stepResult(item, 'stopped', { began })
    const result = stepResult(item, 'failed', { began, error: error as Error })
    run.emit({ type: 'failed', id, title, label, error: error as Error, ms: result.ms })
    return result
  }
}

/** Deletes the resource and waits until it is absent. Returns the reason if it must be retained by now. */
async function remove(step: AnyStep, plan: RemovalPlan, run: Run): Promise<string | undefined> {
  const note = (text: string) => run.emit({ type: 'note', id: step.id, text })
  const needs = needsOf(step, (id) => remainingOutputs(plan.removability.get(id)))
  const assess = () => {
    run.forgetReads()
    return withRetries(run, note, () => assessRemoval(step, needs, run, plan.options))
  }
  const before = await assess()
  if (before.state === 'absent') return undefined
  if (before.state !== 'removable') return before.note
  const context = { ...makeContext(run, needs, note), ...plan.options }
  await withRetries(run, note, () => step.remove!(context, before.out))
  await waitUntil(run, {
    read: assess,
    isDone: ({ state }) => state !== 'removable',
    timeoutMs: step.readyTimeoutMs ?? 180_000,
    onWait: () => note('waiting for it to be deleted'),
    onTimeout: (_, timeoutMs) =>
      new ActionRequiredError(
        `The ${step.title} was deleted, but still exists after ${formatLimit(timeoutMs)}`,
        'Run the same command again to continue',
      ),
  })
  return undefined
}
