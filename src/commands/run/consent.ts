import { UsageError } from '../../base/usage-error.ts'
import type { Plan } from '../../engine/plan.ts'
import type { AnyStep } from '../../engine/step.ts'
import type { CommandRun } from '../../session/run-command.ts'
import type { SettingName } from '../../settings/settings.ts'

/** Returns the settings that these steps use. */
export const settingsUsedBy = (steps: readonly AnyStep[]): SettingName[] => [
  ...new Set(steps.flatMap(({ uses }) => uses)),
]

/** Returns whether the user agrees to the plan: with --yes, at a prompt, or because nothing changes. */
export async function confirmPlan(
  { screen, canAsk }: Pick<CommandRun, 'screen' | 'canAsk'>,
  plan: Plan,
  { yes, question }: { yes: boolean; question: string },
): Promise<boolean> {
  const changes = plan.items.filter(({ action }) => action !== 'keep').length
  if (changes === 0 || yes) return true
  if (!canAsk)
    throw new UsageError("Can't ask for confirmation: no terminal\n  review the plan, then pass --yes")
  if (await screen.confirm(question)) return true
  screen.say('Nothing was changed.')
  return false
}
