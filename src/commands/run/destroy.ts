import { Interrupted } from '../../base/host.ts'
import { destroy } from '../../engine/destroy.ts'
import { findLocks, requireUnlocked } from '../../engine/locks.ts'
import { requirePermissions } from '../../engine/permissions.ts'
import { planRemoval, type RemovalPlan } from '../../engine/plan-removal.ts'
import type { AnyStep, DestroyOptions } from '../../engine/step.ts'
import { exitCodeOf } from '../../session/exit-code.ts'
import type { Invocation } from '../../session/invocation.ts'
import { type CommandRun, runCommand } from '../../session/run-command.ts'
import { typedCommand } from '../../session/screen.ts'
import type { Settings } from '../../settings/settings.ts'
import { stepsFor } from '../../steps/index.ts'
import { askNames, requireNames } from './confirm-names.ts'
import { confirmPlan, settingsUsedBy } from './consent.ts'

/** Returns all steps, including the sample: an earlier run with other settings may have deployed it. */
const stepsOf = (settings: Partial<Settings>): AnyStep[] =>
  stepsFor({ ...settings, sample: true, sampleImage: settings.sampleImage ?? '(any)' })

/**
 * Deletes what carries the ownership tag or label of wi-setup: plan, confirm, delete. `confirmedNames`: what of it the
 * user named on the command line, because its contents can't be recovered.
 */
export function runDestroy(
  invocation: Invocation,
  destroyOptions: DestroyOptions,
  confirmedNames: readonly string[],
): Promise<number> {
  const { options } = invocation
  return runCommand(
    invocation,
    {
      documentName: 'destroy',
      identityMayBeGone: true,
      // The location matters for new resources only.
      uses: (settings) => settingsUsedBy(stepsOf(settings)).filter((name) => name !== 'location'),
    },
    async (context) => {
      const { screen, settings, run } = context
      const steps = stepsOf(settings)
      const plan = await screen.during(() => planRemoval(steps, run, destroyOptions))
      const isEmpty = plan.items.every(({ action }) => action !== 'remove')
      if (!isEmpty || options.dryRun) screen.removalPlan(plan, settings)
      if (options.dryRun) return showLocks(context, plan, await findLocks(steps, plan, run))
      await requirePermissions(steps, plan, run)
      await requireUnlocked(steps, plan, run)
      requireNames(context, plan, {
        given: confirmedNames,
        typed: typedCommand(invocation.host),
        yes: options.yes,
      })
      const confirmed =
        (await confirmPlan(context, plan, { yes: options.yes, question: 'Delete these resources' })) &&
        (await askNames(context, plan, confirmedNames))
      if (!confirmed) return 1
      const removed = await screen.during(() => destroy(steps, plan, run))
      return finish(context, plan, removed)
    },
  )
}

/** Ends a dry run: with the locks that would stop the command, if there are any. Returns the exit code. */
function showLocks({ screen, settings }: CommandRun, plan: RemovalPlan, error: Error | undefined): number {
  screen.document({ command: 'destroy', ok: !error, settings, plan, ...(error ? { error } : {}) })
  if (!error) return 0
  screen.failure(error)
  return 1
}

/** Shows what was deleted, and returns the exit code. */
function finish(
  { screen, settings, printer, signal }: CommandRun,
  plan: RemovalPlan,
  removed: Awaited<ReturnType<typeof destroy>>,
): number {
  const stopReason = signal.aborted ? (signal.reason as Error) : undefined
  const failed = removed.filter(({ outcome }) => outcome === 'failed')
  const error = failed[0]?.error ?? stopReason
  const ok = error === undefined
  screen.document({ command: 'destroy', ok, settings, plan, applied: removed, ...(error ? { error } : {}) })
  if (ok) screen.removed(removed)
  else
    screen.setUpResult({
      settings,
      applied: removed,
      checks: [],
      stopReason,
      readSecret: [],
      command: printer.command,
    })
  if (stopReason instanceof Interrupted) return 130
  if (failed.length) return exitCodeOf(failed.map((each) => each.error))
  return ok ? 0 : 1
}
