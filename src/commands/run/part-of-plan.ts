import { ActionRequiredError } from '../../base/action-required.ts'
import type { Script } from '../../base/command.ts'
import { knownOutputs, type Plan, type PlanItem } from '../../engine/plan.ts'
import type { StepCommand } from '../../engine/step.ts'

/**
 * Returns the plan with only this command's steps left to do. Throws an `ActionRequiredError` if a step of another
 * command isn't done yet; its remedy is that command.
 */
export function partOfPlan(plan: Plan, part: StepCommand, command: (name: string) => Script): Plan {
  const isForeign = (item: PlanItem) => item.command !== undefined && item.command !== part
  const blocker = plan.items.find((item) => isForeign(item) && !isUsable(item))
  if (blocker)
    throw new ActionRequiredError(
      `The ${blocker.title} ${blocker.label} ${stateOf(blocker)}`,
      command(blocker.command!),
    )
  return {
    items: plan.items.map((item) => (isForeign(item) ? { ...item, action: 'keep', changes: [] } : item)),
  }
}

const stateOf = ({ action, changes }: PlanItem) =>
  action === 'create'
    ? 'does not exist yet'
    : `is not ready: ${changes.map(({ field, is, want }) => `${field} is ${is}, must be ${want}`).join('; ')}`

/** A drifted resource is usable if everything that other steps take from it is known. */
const isUsable = ({ inspection }: PlanItem) =>
  inspection.state === 'ready' ||
  (inspection.state === 'drifted' &&
    Object.values(knownOutputs(inspection)).every((value) => value !== undefined))
