import { UsageError } from '../../base/usage-error.ts'
import { chainChecksFor, fitting } from '../../checks/chain-checks.ts'
import {
  inClusterChecks,
  objectChecks,
  postureChecks,
  preflightChecks,
  workloadChecks,
} from '../../checks/index.ts'
import { workloadsFound } from '../../checks/workloads/find-workloads.ts'
import { workloadRuleChecks } from '../../checks/workloads/rule-checks.ts'
import { parseWorkloadKind, type WorkloadKind, workloadKinds } from '../../checks/workloads/workload.ts'
import { type AnyCheck, provides } from '../../engine/check.ts'
import { exitCodes, healthOf } from '../../engine/check-result.ts'
import { healthOfErrors } from '../../session/exit-code.ts'
import type { Invocation } from '../../session/invocation.ts'
import { runCommand } from '../../session/run-command.ts'
import type { VerifyReport } from '../../session/verify-report.ts'
import type { Settings } from '../../settings/settings.ts'
import type { Selection } from './selection.ts'

export interface VerifyOptions {
  selection: Selection
  waitMs: number
  report: VerifyReport | undefined
  reportPath: string | undefined
  /** The checks are those before a set-up, so nothing has to exist yet. */
  pre: boolean | undefined
}

/** Runs the checks against Azure and the cluster, and shows the result. */
export function runVerify(invocation: Invocation, options: VerifyOptions): Promise<number> {
  const { selection, waitMs, report, reportPath } = options
  const deadline = performance.now() + waitMs
  return runCommand(
    invocation,
    {
      documentName: 'verify',
      uses: () => [...new Set(selection.checks.flatMap((check) => check.uses))],
      findsExisting: !options.pre,
      quietFailures: true,
      waitMs,
      onRequest: report?.onRequest,
      onError: (error) => report?.write({ health: healthOfErrors([error]), error }),
    },
    async ({ screen, session, settings, run }) => {
      report?.setCloud(session.cloud.name)
      const checks = await screen.during(() =>
        selection.run(run, Math.max(0, deadline - performance.now()), report?.onEvent),
      )
      const health = healthOf(checks)
      const ok = health === 'healthy'
      screen.document({ command: 'verify', ok, settings, checks })
      screen.verified(settings, checks)
      report?.write({ health, settings, checks })
      if (report) screen.say(`\n  Report:  ${reportPath}`)
      return exitCodes[health]
    },
  )
}

/** Returns the checks that these flags and settings select. */
export function checksFor(
  flags: {
    pre?: boolean
    inCluster?: boolean
    workload?: readonly string[]
    workloads?: boolean
    posture?: boolean
  },
  settings: Settings,
): readonly AnyCheck[] {
  if (flags.pre) return preflightChecks
  const { workload, workloads } = flags
  if (settings.issuer !== undefined) {
    const flag = workload ? '--workload' : workloads ? '--workloads' : flags.inCluster && '--in-cluster'
    if (flag) throw new UsageError(`${flag} does not apply: the settings describe a job outside a cluster`)
    const chain = chainChecksFor(settings)
    return flags.posture ? resolvable([...chain, ...fitting(postureChecks, settings)]) : chain
  }
  const others = [
    ...(flags.inCluster ? inClusterChecks : []),
    ...(workload
      ? [workloadsFound(workload.map(parseWorkload)), ...workloadRuleChecks]
      : workloads
        ? [workloadsFound('all'), ...workloadRuleChecks, ...objectChecks]
        : workloadChecks),
    ...(flags.posture ? postureChecks : []),
  ]
  return [...chainChecksFor(settings), ...fitting(others, settings)]
}

/** Returns the checks whose needs are among them: those of a cluster's objects have none in the chain of a job. */
function resolvable(checks: readonly AnyCheck[]): readonly AnyCheck[] {
  const left = checks.filter((check) =>
    Object.values<AnyCheck>(check.needs).every((need) => checks.some((other) => provides(other, need))),
  )
  return left.length === checks.length ? left : resolvable(left)
}

/** Parses `deploy/checkout`, with kubectl's spellings of a kind. */
function parseWorkload(text: string): { kind: WorkloadKind; name: string } {
  const [, prefix = '', name = ''] = /^([^/]+)\/([^/]+)$/.exec(text) ?? []
  const kind = parseWorkloadKind(prefix)
  if (kind) return { kind, name }
  const kinds = workloadKinds.map((each) => each.toLowerCase()).join(', ')
  throw new UsageError(
    `--workload ${JSON.stringify(text)} is not a kind and a name\n  kinds: ${kinds}      for example deploy/checkout`,
  )
}
