import type { PlanItem } from './plan.ts'
import type { Inspection } from './step.ts'

export interface StepResult {
  item: PlanItem
  /** `skipped`: a step it depends on failed; `stopped`: the run was interrupted before or during it. */
  outcome: 'done' | 'failed' | 'skipped' | 'stopped'
  /** Whether it was in progress when the run was interrupted. */
  started: boolean
  inspection: Inspection<unknown>
  error?: Error
  ms: number
}

/** Returns a result; `began` is when it started, by `performance.now()`, left out if it did not. */
export const stepResult = (
  item: PlanItem,
  outcome: StepResult['outcome'],
  {
    began,
    inspection = item.inspection,
    error,
  }: { began?: number; inspection?: Inspection<unknown>; error?: Error } = {},
): StepResult => ({
  item,
  outcome,
  started: began !== undefined,
  inspection,
  ms: began === undefined ? 0 : performance.now() - began,
  ...(error === undefined ? {} : { error }),
})
