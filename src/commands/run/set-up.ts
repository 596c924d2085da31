import { kubectl, type Script, withArgs } from '../../base/command.ts'
import { Interrupted } from '../../base/host.ts'
import { UsageError } from '../../base/usage-error.ts'
import { chainChecksFor } from '../../checks/chain-checks.ts'
import type { Connection, Kubernetes } from '../../clients/kubernetes.ts'
import { apply } from '../../engine/apply.ts'
import { type CheckResult, exitCodes, healthOf, isHealthy } from '../../engine/check-result.ts'
import { requirePermissions } from '../../engine/permissions.ts'
import { plan as inspect, knownOutputs, type Plan, withDependencies } from '../../engine/plan.ts'
import { requirePolicies } from '../../engine/policies.ts'
import type { Run } from '../../engine/run.ts'
import type { AnyStep, StepCommand } from '../../engine/step.ts'
import type { StepResult } from '../../engine/step-result.ts'
import { verify } from '../../engine/verify.ts'
import { exitCodeOf } from '../../session/exit-code.ts'
import type { Invocation } from '../../session/invocation.ts'
import { type CommandRun, runCommand } from '../../session/run-command.ts'
import type { Settings } from '../../settings/settings.ts'
import { usesVault } from '../../settings/table.ts'
import { stepsFor } from '../../steps/index.ts'
import { sampleName } from '../../steps/sample-manifests.ts'
import { confirmPlan, settingsUsedBy } from './consent.ts'
import { inspectionOf, itemsOf, outputsOf, snippetOf, statementsOf } from './outputs.ts'
import { partOfPlan } from './part-of-plan.ts'
import { planSources } from './plan-sources.ts'
import { saveUsedSettings } from './save-settings.ts'

/** How long the final checks are retried: Azure takes up to ten minutes to replicate roles and credentials. */
const proofMs = 12 * 60_000

export interface SetUpOptions {
  /** The command whose steps are applied, or all of them. */
  part: StepCommand | 'all'
  planOnly?: boolean
  /** Name in documents, if it isn't the part's. */
  documentName?: string
  secretValue?: () => Promise<string | undefined>
  /** Called when everything has succeeded. */
  afterwards?: (kube: Kubernetes, namespace: string) => Promise<void>
}

/** Runs the set-up or one part of it: plan, confirm, apply, and check if it is the complete one. */
export function runSetUp(invocation: Invocation, setUp: SetUpOptions): Promise<number> {
  const { part, planOnly = false } = setUp
  const documentName = setUp.documentName ?? (planOnly ? 'plan' : part === 'all' ? 'setup' : part)
  return runCommand(
    invocation,
    {
      documentName,
      uses: (settings) => settingsUsedBy(stepsOf(part, settings)),
      wizard: part === 'all' && !planOnly,
      ...(setUp.secretValue ? { secretValue: setUp.secretValue } : {}),
    },
    async (context) => {
      const { screen, settings, run, printer } = context
      const steps = stepsOf(part, settings)
      const complete = await screen.during(() => inspect(steps, run))
      const plan = part === 'all' ? complete : partOfPlan(complete, part, printer.command)
      const statements = statementsOf(complete.items, settings)
      screen.plan(plan, settings, { sources: await planSources(context, plan), statements })
      await requirePolicies(steps, plan, run)
      if (planOnly || invocation.options.dryRun) {
        screen.document({ command: documentName, ok: true, settings, plan })
        return 0
      }
      await requirePermissions(steps, plan, run)
      const confirmed = await confirmPlan(context, plan, {
        yes: invocation.options.yes,
        question: 'Apply this plan',
      })
      if (!confirmed) return 1
      saveUsedSettings(invocation, context, steps)
      const applied = await screen.during(() => apply(steps, plan, run))
      const checks = part === 'all' ? await proof(applied, context) : []
      return finish(context, {
        ...setUp,
        documentName,
        plan,
        applied,
        checks,
        sandbox: invocation.options.sandbox,
      })
    },
  )
}

/** Returns the steps of a command, with those that they need. */
function stepsOf(part: StepCommand | 'all', settings: Partial<Settings>): AnyStep[] {
  // Its own command deploys the sample even if the settings turn it off.
  const all = stepsFor(part === 'sample' ? { ...settings, sample: true } : settings)
  if (part === 'all') return all
  if (part === 'webhook' && settings.webhook === 'none')
    throw new UsageError('--webhook "none" leaves nothing to do for this command')
  const own = withDependencies(all, (step) => step.command === part)
  if (own.length === 0) throw new UsageError(nothingToDo(part, settings))
  return own
}

const nothingToDo = (part: StepCommand, settings: Partial<Settings>): string =>
  part === 'grant'
    ? 'No grant is set; pass --grant, for example --grant storage:stshop/invoices=reader'
    : usesVault(settings)
      ? 'The sample app has no default image for Windows; set --sample-image'
      : 'The settings have grants but no vault; pass --vault and --secret'

/** Runs all checks until they pass; none if the run was stopped or a step failed. */
async function proof(
  applied: readonly StepResult[],
  { screen, run, signal }: CommandRun,
): Promise<CheckResult[]> {
  if (signal.aborted || applied.some(({ outcome }) => outcome === 'failed')) return []
  // Without a write, the reads of the plan are still valid.
  if (applied.some(({ item }) => item.action !== 'keep')) run.forgetReads()
  return screen.during(() => verifyUnlessStopped(run))
}

async function verifyUnlessStopped(run: Run): Promise<CheckResult[]> {
  try {
    return await verify(chainChecksFor(run.settings), run, proofMs)
  } catch (error) {
    if (run.signal.aborted) return []
    throw error
  }
}

interface SetUpResult extends Pick<SetUpOptions, 'afterwards' | 'part'> {
  documentName: string
  plan: Plan
  applied: readonly StepResult[]
  checks: readonly CheckResult[]
  sandbox: boolean
}

/** Shows the result, and returns the exit code. */
async function finish(context: CommandRun, result: SetUpResult): Promise<number> {
  const { screen, session, settings, printer, signal } = context
  const { documentName, plan, applied, checks, sandbox, afterwards } = result
  const stopReason = signal.aborted ? (signal.reason as Error) : undefined
  const failed = applied.filter(({ outcome }) => outcome === 'failed')
  const error = failed[0]?.error ?? stopReason
  const ok = error === undefined && isHealthy(checks)
  screen.document({
    command: documentName,
    ok,
    settings,
    plan,
    applied,
    checks,
    outputs: outputsOf(applied, settings),
    ...(error ? { error } : {}),
  })
  const readSecret = isSampleProven(checks) ? readSecretCommands(settings, sandbox, printer.command) : []
  const snippet = snippetOf(applied, settings)
  const statements = statementsOf(itemsOf(applied), settings)
  screen.setUpResult({
    settings,
    applied,
    checks,
    stopReason,
    readSecret,
    snippet,
    command: printer.command,
    ...(completesChain(result.part) ? { prove: printer.command('verify') } : {}),
  })
  if (stopReason === undefined && failed.length === 0) screen.statements(statements)
  if (ok && afterwards) {
    const connection = knownOutputs(inspectionOf(applied, 'cluster')).connection as Connection
    await afterwards(session.clients.kubernetes(connection), settings.namespace)
  }
  if (stopReason instanceof Interrupted) return 130
  if (failed.length) return exitCodeOf(failed.map((each) => each.error))
  return stopReason ? 1 : exitCodes[healthOf(checks)]
}

/** Whether access can be proven after this part of the set-up, because it is usually the last. */
const completesChain = (part: SetUpOptions['part']) => ['federate', 'grant', 'vault'].includes(part)

const isSampleProven = (checks: readonly CheckResult[]) =>
  checks.some(({ code, status }) => code === 'WI604' && status === 'pass')

const readSecretCommands = (
  { namespace, secret }: Settings,
  sandbox: boolean,
  command: CommandRun['printer']['command'],
): Script[] => [
  // kubectl doesn't reach the sandbox's cluster without its kubeconfig. A forwarded port would be open to local users.
  sandbox
    ? withArgs(command('sample'), '--yes', '--port', '8080')
    : kubectl(['get'], {
        raw: `/api/v1/namespaces/${namespace}/services/${sampleName}:80/proxy/secrets/${secret}`,
      }),
]
