import { type Script, withArgs } from '../../base/command.ts'
import { UsageError } from '../../base/usage-error.ts'
import type { Plan, PlanItem } from '../../engine/plan.ts'
import type { CommandRun } from '../../session/run-command.ts'

type Terminal = Pick<CommandRun, 'screen' | 'canAsk'>
type Irreversible = PlanItem & { confirmation: string }

const unconfirmed = ({ items }: Plan, given: readonly string[]): Irreversible[] =>
  items.filter(
    (item): item is Irreversible => item.confirmation !== undefined && !given.includes(item.confirmation),
  )

/**
 * Throws a `UsageError` if `given` lacks the name of something that can't be recovered, and nobody can be asked. `typed`
 * is the command line.
 */
export function requireNames(
  { canAsk }: Pick<Terminal, 'canAsk'>,
  plan: Plan,
  { given, typed, yes }: { given: readonly string[]; typed: Script; yes: boolean },
): void {
  const missing = unconfirmed(plan, given)
  if (canAsk || missing.length === 0) return
  const needed = plan.items.flatMap(({ confirmation }) => confirmation ?? [])
  const wrong = given.filter((name) => !needed.includes(name))
  throw new UsageError(
    [
      "Can't ask for confirmation of permanent deletion: no terminal",
      `  --confirm must name ${missing.map(({ title, label }) => `the ${title} ${label}`).join(' and ')}${wrong.length ? `, not ${wrong.join(', ')}` : ''}`,
      '  review the plan, then pass --yes and the names:',
    ].join('\n'),
    [
      withArgs(
        typed,
        ...(yes ? [] : ['--yes']),
        ...missing.flatMap(({ confirmation }) => ['--confirm', confirmation]),
      ),
    ],
  )
}

/** Asks for the name of each resource that can't be recovered and that `given` lacks. Returns false without one. */
export async function askNames({ screen }: Terminal, plan: Plan, given: readonly string[]): Promise<boolean> {
  for (const { title, confirmation } of unconfirmed(plan, given)) {
    const answer = await (await screen.prompter()).input({
      message: `Type ${confirmation} to permanently delete the ${title}`,
      validate: (text) =>
        ['', confirmation].includes(text.trim()) || `Type ${confirmation}, or press Enter to cancel`,
    })
    if (answer.trim() === confirmation) continue
    screen.say('Nothing was changed.')
    return false
  }
  return true
}
