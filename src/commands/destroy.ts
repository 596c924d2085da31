import { Interrupted } from '../base/host.ts'
import { destroy as takeBack } from '../engine/destroy.ts'
import { requirePermissions } from '../engine/permissions.ts'
import { planRemoval } from '../engine/plan-removal.ts'
import type { AnyStep } from '../engine/step.ts'
import type { Invocation } from '../session/invocation.ts'
import { runCommand } from '../session/run-command.ts'
import type { Settings } from '../settings/settings.ts'
import { stepsFor } from '../steps/index.ts'
import { agreed, usedBy } from './set-up.ts'

const command = 'destroy'

/** Also what an earlier run with other answers may have made: the sample. */
const stepsOf = (settings: Partial<Settings>): AnyStep[] =>
  stepsFor({ ...settings, sample: true, sampleImage: settings.sampleImage ?? '(any)' })

/** Takes back what carries our mark: plan, agree, remove. */
export function destroy(invocation: Invocation): Promise<number> {
  const { globals } = invocation
  const consent = { purge: globals.purge ?? false, skipUnreachable: globals.skipUnreachable ?? false }
  // Where new things would be put is of no matter here.
  const uses = (settings: Partial<Settings>) =>
    usedBy(stepsOf(settings)).filter((name) => name !== 'location')
  return runCommand(invocation, command, uses, async (at) => {
    const { session, show, settings, run } = at
    const steps = stepsOf(settings)
    const plan = await show.working(() => planRemoval(steps, run, consent))
    const left = plan.items.some(({ action }) => action === 'remove')
    if (left || globals.dryRun) show.takeBack(plan, settings)
    if (globals.dryRun) {
      show.document({ command, ok: true, settings, plan })
      return 0
    }
    await requirePermissions(steps, plan, run)
    if (!(await agreed(at, plan))) return 1

    const removed = await show.working(() => takeBack(steps, plan, run))
    const failure = removed.find(({ outcome }) => outcome === 'failed')?.error
    const { signal } = session.given
    const stopped = signal.aborted
    const error = failure ?? (stopped ? (signal.reason as Error) : undefined)
    const ok = error === undefined
    show.document({ command, ok, settings, plan, applied: removed, ...(error ? { error } : {}) })
    if (ok) show.takenBack(removed)
    else show.outcome({ settings, applied: removed, checks: [], session, stopped })
    if (stopped && signal.reason instanceof Interrupted) return 130
    return ok ? 0 : 1
  })
}
