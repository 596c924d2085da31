import { ActionRequiredError } from '../base/action-required.ts'
import { ServiceError } from '../clients/service-error.ts'
import { walkGraph } from './graph.ts'
import { knownOutputs, neededSteps, needsOf, type Plan, type PlanItem, planItem, stepById } from './plan.ts'
import { makeContext, type Run } from './run.ts'
import type { AnyStep, Inspection } from './step.ts'
import { type StepResult, stepResult } from './step-result.ts'
import { formatLimit, waitUntil, withRetries } from './waiting.ts'

/** Applies the plan; each step starts as soon as the steps it needs are ready. Never throws: outcomes are per step. */
export function apply(steps: readonly AnyStep[], plan: Plan, run: Run): Promise<StepResult[]> {
  const itemOf = ({ id }: { id: string }) => plan.items.find((item) => item.id === id)!
  const dependencies = (item: PlanItem) => neededSteps(steps, stepById(steps, item.id)).map(itemOf)
  return walkGraph(plan.items, dependencies, async (item, needed: StepResult[]) => {
    if (needed.some(({ outcome }) => outcome !== 'done'))
      return stepResult(item, run.signal.aborted ? 'stopped' : 'skipped')
    if (item.action === 'keep') return stepResult(item, 'done')
    if (run.signal.aborted) return stepResult(item, 'stopped')
    return applyStep(stepById(steps, item.id), item, needed, run)
  })
}

async function applyStep(
  step: AnyStep,
  item: PlanItem,
  needed: readonly StepResult[],
  run: Run,
): Promise<StepResult> {
  const { id, title, label } = item
  const began = performance.now()
  run.emit({ type: 'started', id, title, label, usually: step.usualDuration })
  try {
    const needsChanged = needed.some((each) => each.item.action !== 'keep')
    const outputs = needsOf(step, (need) =>
      knownOutputs(needed.find((each) => each.item.id === need)?.inspection),
    )
    const { inspection, action } = await makeReady(step, item.inspection, needsChanged, outputs, run)
    const result = stepResult({ ...item, action }, 'done', { began, inspection })
    run.emit({ type: 'done', id, title, label, action, ms: result.ms })
    return result
  } catch (error) {
    if (run.signal.aborted) return stepResult(item, 'stopped', { began })
    const result = stepResult(item, 'failed', { began, error: error as Error })
    run.emit({ type: 'failed', id, title, label, error: error as Error, ms: result.ms })
    return result
  }
}

async function makeReady(
  step: AnyStep,
  planned: Inspection<unknown>,
  inspectAgain: boolean,
  needs: Record<string, unknown>,
  run: Run,
): Promise<{ inspection: Inspection<unknown>; action: PlanItem['action'] }> {
  const note = (text: string) => run.emit({ type: 'note', id: step.id, text })
  const context = makeContext(run, needs, note)
  const inspect = (): Promise<Inspection<unknown>> => {
    run.forgetReads()
    return withRetries(run, note, () => step.inspect(context))
  }
  const before = inspectAgain ? await inspect() : planned
  if (before.state === 'ready') return { inspection: before, action: 'keep' }
  // A planned creation stays one, even if part of the resource exists by now (an add-on without pods yet).
  const action = planned.state === 'absent' ? 'create' : planItem(step, run, before).action
  try {
    await withRetries(run, note, () => step.apply(context, before))
  } catch (error) {
    const now = await inspectAfterFailure(error, before, inspect, run)
    if (now.state === 'ready') return { inspection: now, action }
  }
  const inspection = await waitUntil(run, {
    read: inspect,
    isDone: ({ state }) => state === 'ready',
    timeoutMs: step.readyTimeoutMs ?? 180_000,
    onWait: () => note(`waiting ${step.waitingFor ?? 'for the change to be visible everywhere'}`),
    onTimeout: (found, timeoutMs) => notReady(step, found, timeoutMs),
  })
  return { inspection, action }
}

/**
 * Throws the failure of a write, unless the resource exists by now: the response was lost, someone else created it, or
 * the service returned 404 for its own operation, which goes on.
 */
async function inspectAfterFailure(
  error: unknown,
  before: Inspection<unknown>,
  inspect: () => Promise<Inspection<unknown>>,
  run: Run,
): Promise<Inspection<unknown>> {
  if (run.signal.aborted || !(error instanceof ServiceError)) throw error
  const now = await inspect().catch(() => undefined)
  if (now?.state === 'ready') return now
  if (now?.state === 'drifted' && before.state === 'absent' && error.status === 404) return now
  throw error
}

function notReady(step: AnyStep, inspection: Inspection<unknown>, timeoutMs: number): ActionRequiredError {
  const limit = formatLimit(timeoutMs)
  const problem =
    inspection.state === 'drifted'
      ? `${inspection.diff.map(({ field, is, want }) => `${field} is ${is}, should be ${want}`).join('; ')} after ${limit}`
      : `is not visible after ${limit}`
  return new ActionRequiredError(
    `The ${step.title} was written, but ${problem}`,
    'Run the same command again to continue',
  )
}
