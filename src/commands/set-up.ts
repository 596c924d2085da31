import { ActionRequiredError } from '../base/action-required.ts'
import { Interrupted } from '../base/host.ts'
import { UsageError } from '../base/usage-error.ts'
import { chainChecks } from '../checks/index.ts'
import type { Connection, Kubernetes } from '../clients/kubernetes.ts'
import { apply, type StepResult } from '../engine/apply.ts'
import { requirePermissions } from '../engine/permissions.ts'
import { plan as inspect, knownOutputs, type Plan, type PlanItem, withDependencies } from '../engine/plan.ts'
import type { Run } from '../engine/run.ts'
import type { AnyStep } from '../engine/step.ts'
import { type CheckResult, isHealthy, verify } from '../engine/verify.ts'
import type { Invocation } from '../session/invocation.ts'
import { type CommandRun, runCommand } from '../session/run-command.ts'
import { keepAnswers } from '../session/saved-settings.ts'
import type { SettingName, Settings } from '../settings/settings.ts'
import { stepsFor } from '../steps/index.ts'
import { sanitizeLine } from '../ui/text.ts'

/** How long a set-up waits for the proof: the services say that roles and credentials take up to ten minutes. */
const proofMs = 12 * 60_000

/** The whole job, or one subcommand's part of it: plan, agree, apply, prove. `then` follows if all went well. */
export function setUp(
  invocation: Invocation,
  mode: 'apply' | 'plan',
  then?: (kube: Kubernetes, namespace: string) => Promise<void>,
): Promise<number> {
  const { globals, word } = invocation
  const whole = word === '' || word === 'plan'
  const command = mode === 'plan' ? 'plan' : word || 'setup'
  return runCommand(
    invocation,
    command,
    (settings) => usedBy(stepsOf(word, settings)),
    async (at) => {
      const { session, show, settings, run } = at
      const steps = stepsOf(word, settings)
      const all = await show.working(() => inspect(steps, run))
      const plan = whole ? all : ownPart(all, word, session.command)
      show.plan(plan, settings)
      if (mode === 'plan' || globals.dryRun) {
        show.document({ command, ok: true, settings, plan })
        return 0
      }
      await requirePermissions(steps, plan, run)
      if (!(await agreed(at, plan))) return 1
      keep(invocation, at, steps)

      const applied = await show.working(() => apply(steps, plan, run))
      const failure = applied.find(({ outcome }) => outcome === 'failed')?.error
      const { signal } = session.given
      let results: CheckResult[] = []
      if (whole && !signal.aborted && failure === undefined) {
        // What the plan saw still holds if nothing was written since.
        if (applied.some(({ item }) => item.action !== 'keep')) run.forgetReads()
        results = await show.working(() => proof(run))
      }
      const stopped = signal.aborted
      const ok = failure === undefined && !stopped && isHealthy(results)
      const outputs = outputsOf(applied)
      const error = failure ?? (stopped ? (signal.reason as Error) : undefined)
      show.document({
        command,
        ok,
        settings,
        plan,
        applied,
        checks: results,
        outputs,
        ...(error ? { error } : {}),
      })
      show.outcome({ settings, applied, checks: results, session, stopped })
      if (ok && then)
        await then(
          session.clients.kubernetes(knownOutputs(foundOf(applied, 'cluster')).connection as Connection),
          settings.namespace,
        )
      if (stopped && signal.reason instanceof Interrupted) return 130
      return ok ? 0 : 1
    },
  )
}

/** The checks, until all is well; none if it was stopped meanwhile. */
async function proof(run: Run): Promise<CheckResult[]> {
  try {
    return await verify(chainChecks, run, proofMs)
  } catch (error) {
    if (run.signal.aborted) return []
    throw error
  }
}

/** The steps of a word, with all that they need. */
function stepsOf(word: string, settings: Partial<Settings>): AnyStep[] {
  // Asked for by its own word, it is made in spite of `sample: false` among the answers.
  const all = stepsFor(word === 'sample' ? { ...settings, sample: true } : settings)
  if (word === '' || word === 'plan') return all
  if (word === 'webhook' && settings.webhook === 'none')
    throw new UsageError('--webhook "none" leaves nothing to do here')
  const own = withDependencies(all, (step) => step.command === word)
  if (own.length === 0)
    throw new UsageError('the sample needs an image with Node.js for Windows: give --sample-image')
  return own
}

export const usedBy = (steps: readonly AnyStep[]): SettingName[] => [
  ...new Set(steps.flatMap(({ uses }) => uses)),
]

/** Leaves only the word's own part to do; what others make must be there already, else it says which word makes it. */
function ownPart(plan: Plan, word: string, command: (word: string, ...names: SettingName[]) => string): Plan {
  const foreign = (item: PlanItem) => item.command !== undefined && item.command !== word
  const blocker = plan.items.find((item) => foreign(item) && !isUsable(item))
  if (blocker) {
    const lacking =
      blocker.action === 'create'
        ? 'does not exist yet'
        : `is not ready: ${blocker.changes.map(({ field, is, want }) => `${field} is ${is}, must be ${want}`).join('; ')}`
    throw new ActionRequiredError(
      `The ${blocker.title} ${blocker.label} ${lacking}`,
      command(blocker.command!),
    )
  }
  return {
    items: plan.items.map((item) => (foreign(item) ? { ...item, action: 'keep', changes: [] } : item)),
  }
}

/** Good enough to build on: it is there, and all that others take from it is known. */
const isUsable = ({ inspection }: PlanItem) =>
  inspection.state === 'ready' ||
  (inspection.state === 'drifted' &&
    Object.values(knownOutputs(inspection)).every((value) => value !== undefined))

/** Consent to the plan: `--yes`, or asked for once. Nothing to change needs none. */
export async function agreed({ show, session, ask }: CommandRun, plan: Plan): Promise<boolean> {
  const changes = plan.items.filter(({ action }) => action !== 'keep').length
  if (changes === 0 || session.given.invocation.globals.yes) return true
  if (!ask)
    throw new UsageError(
      `${changes} ${changes === 1 ? 'change needs' : 'changes need'} your consent, and there is no terminal to ask on\n  look at the plan, then add --yes`,
    )
  if (await show.agree()) return true
  show.say('Nothing was changed.')
  return false
}

/** Keeps what the steps used, before the first write, so that the same command goes on from any point. */
function keep(
  invocation: Invocation,
  { show, session, settings }: CommandRun,
  steps: readonly AnyStep[],
): void {
  const { given } = session
  const file = invocation.globals.file ?? 'wi-setup.yaml'
  if (given.foreignFile) {
    show.say(`  ${sanitizeLine(file)} holds answers for Azure and stays as it is\n\n`)
    return
  }
  const names: SettingName[] = [...usedBy(steps), 'subscription', 'identityKind', 'sample', 'webhook']
  const others: string[] = given.sandbox ? ['subscription', 'tenant'] : []
  const kept = Object.fromEntries(
    Object.entries(settings).filter(
      ([name]) => names.includes(name as SettingName) && !others.includes(name),
    ),
  )
  const cloud = given.sandbox
    ? { sandbox: true }
    : given.cloud !== undefined && given.cloud !== 'public'
      ? { cloud: given.cloud }
      : {}
  const written = keepAnswers(invocation, kept, cloud)
  session.kept = true
  if (written) show.say(`  Answers kept in ${sanitizeLine(file)}\n\n`)
}

const foundOf = (applied: readonly StepResult[], id: string) =>
  applied.find(({ item }) => item.id === id)?.inspection

/** What the person may need to know of what was made. */
function outputsOf(applied: readonly StepResult[]): Record<string, string> {
  const out = (id: string) => knownOutputs(foundOf(applied, id)) as Record<string, string | undefined>
  const all = {
    issuer: out('cluster').issuer,
    clientId: out('identity').clientId,
    principalId: out('service-principal').principalId,
    tenantId: out('vault').tenantId,
    credential: out('federated-credential').name,
    vaultUri: out('vault').uri,
    secretId: out('secret').id,
  }
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
