import { type CommandTarget, commandsOf, noTarget, remedyText } from '../base/command-text.ts'
import type { CheckResult } from '../engine/check-result.ts'
import type { Plan, PlanItem } from '../engine/plan.ts'
import type { Difference } from '../engine/step.ts'
import type { StepResult } from '../engine/step-result.ts'
import type { FailingService } from '../explain/explained.ts'
import type { Explained } from '../explain/index.ts'
import type { Settings } from '../settings/settings.ts'

/** The document that a command prints with `--output json`. */
export interface JsonDocument {
  schemaVersion: 1
  command: string
  ok: boolean
  settings: Partial<Settings>
  steps: {
    id: string
    title: string
    /** In a plan, as inspected (`absent`, `drifted`, `ready`); after a run, the result (`absent` if deleted). */
    state: 'absent' | 'drifted' | 'ready' | 'failed' | 'skipped' | 'stopped'
    /** The planned action; `none` if the run did not get to it. */
    action: 'create' | 'change' | 'keep' | 'remove' | 'none'
    changes: Pick<Difference, 'field' | 'is' | 'want'>[]
    /** In `destroy`: what is lost, or why it is retained. */
    note?: string | null
    /** In `destroy`: the name to pass with --confirm; null if it needs no confirmation of its own. */
    confirm?: string | null
    ms: number
  }[]
  outputs: Record<string, unknown>
  checks: {
    code: string
    title: string
    /** The grant that it is about; null for a check that runs once. */
    subject: string | null
    link: CheckResult['link']
    level: CheckResult['level']
    status: CheckResult['status']
    detail: string
    is: string | null
    should: string | null
    /** As text for a shell. */
    remedy: string | null
    /** The commands of the remedy: pipelines, which run one after another, of argument lists. */
    commands: readonly (readonly string[])[][]
    because: string | null
    trace: string | null
    /** The request that failed. */
    service: FailingService | null
    transient: boolean
    /** A service failed, so that it is not known whether the check would pass. */
    undetermined: boolean
    ms: number
    doc: string
  }[]
  error: {
    code: string
    message: string
    remedy: string
    commands: readonly (readonly string[])[][]
    trace: string | null
    /** The request that failed; null if the error is of another kind. */
    service: FailingService | null
  } | null
}

/** Returns what every document begins with. */
export const documentHead = (command: string, ok: boolean) => ({ schemaVersion: 1 as const, command, ok })

export function jsonDocument(of: {
  command: string
  ok: boolean
  settings: Partial<Settings>
  plan?: Plan | undefined
  applied?: readonly StepResult[] | undefined
  checks?: readonly CheckResult[] | undefined
  outputs?: Record<string, unknown>
  error?: Explained | undefined
  target?: CommandTarget
}): JsonDocument {
  const { error, target = noTarget } = of
  const steps = of.applied?.length
    ? of.applied.map(appliedStep)
    : (of.plan?.items ?? []).map((item) => stepOf(item, item.inspection.state, item.action, 0))
  const items = of.applied?.length ? of.applied.map(({ item }) => item) : (of.plan?.items ?? [])
  return {
    ...documentHead(of.command, of.ok),
    settings: of.settings,
    steps:
      of.command === 'destroy'
        ? steps.map((each, index) => ({
            ...each,
            note: items[index]?.note ?? null,
            confirm: items[index]?.confirmation ?? null,
          }))
        : steps,
    outputs: of.outputs ?? {},
    checks: (of.checks ?? []).map((check) => checkOf(check, target)),
    error: error
      ? {
          code: error.code,
          message: error.what,
          remedy: remedyText(error.remedy, target),
          commands: commandsOf(error.remedy, target),
          trace: error.trace ?? null,
          service: error.service ?? null,
        }
      : null,
  }
}

const checkOf = (
  {
    code,
    title,
    subject,
    fix,
    remedy,
    is,
    should,
    because,
    trace,
    service,
    transient,
    undetermined,
    couldNotRun: _,
    workload: _workload,
    ms,
    ...head
  }: CheckResult,
  target: CommandTarget,
) => ({
  code,
  title,
  subject: subject ?? null,
  ...head,
  is: is ?? null,
  should: should ?? null,
  remedy: remedy ?? null,
  commands: fix === undefined ? [] : commandsOf(fix, target),
  because: because ?? null,
  trace: trace ?? null,
  service: service ?? null,
  transient: transient ?? false,
  undetermined: undetermined ?? false,
  ms: Math.round(ms),
})

const stepOf = (
  { id, title, changes }: PlanItem,
  state: JsonDocument['steps'][number]['state'],
  action: JsonDocument['steps'][number]['action'],
  ms: number,
) => ({
  id,
  title,
  state,
  action,
  changes: changes.map(({ field, is, want }) => ({ field, is, want })),
  ms: Math.round(ms),
})

function appliedStep({ item, outcome, started, ms }: StepResult) {
  const begun = outcome === 'done' || outcome === 'failed' || started
  const done = item.action === 'remove' ? 'absent' : 'ready'
  return stepOf(item, outcome === 'done' ? done : outcome, begun ? item.action : 'none', ms)
}
