import { UsageError } from '../base/usage-error.ts'
import {
  chainChecks,
  inClusterChecks,
  postureChecks,
  preflightChecks,
  workloadChecks as running,
} from '../checks/index.ts'
import { workloadRuleChecks, workloadsFound } from '../checks/workloads/checks.ts'
import { parseWorkloadKind, type WorkloadKind, workloadKinds } from '../checks/workloads/workload.ts'
import type { AnyCheck } from '../engine/check.ts'
import { isHealthy } from '../engine/verify.ts'
import type { Invocation } from '../session/invocation.ts'
import { beginReport } from '../session/report.ts'
import { runCommand } from '../session/run-command.ts'
import { milliseconds } from '../session/session.ts'
import { select } from './selection.ts'

/** The health check: every link of the chain, nothing written (but a pod for a moment with `--in-cluster`). */
export async function verify(invocation: Invocation): Promise<number> {
  const { wait, manifest, report, pre, inCluster, posture, workload, workloads } = invocation.globals
  for (const [flag, given] of Object.entries({ inCluster, posture, workload, workloads, manifest }))
    if (pre && given)
      throw new UsageError(`--pre and --${flag === 'inCluster' ? 'in-cluster' : flag} exclude each other`)
  const selection = manifest ? undefined : select(chosen(invocation.globals), invocation.globals)
  const waitMs = wait === undefined ? 0 : milliseconds('--wait', wait)
  const reporting = report === undefined ? undefined : await beginReport(report, invocation)
  try {
    if (!selection) return await (await import('./manifests.ts')).lint(invocation, manifest!, reporting)
    const uses = () => [...new Set(selection.checks.flatMap((check) => check.uses))]
    return await runCommand(
      { ...invocation, ...(reporting ? { traced: reporting.traced } : {}) },
      'verify',
      uses,
      async ({ show, session, settings, run }) => {
        reporting?.at(session.cloud.name)
        const checks = await show.working(() => selection.run(run, waitMs, reporting?.seen))
        const ok = isHealthy(checks)
        show.document({ command: 'verify', ok, settings, checks })
        reporting?.write({ ok, settings, checks })
        show.verified(settings, checks)
        if (reporting) show.say(`\n  Report:  ${report}`)
        return ok ? 0 : 1
      },
      (error) => reporting?.write({ ok: false, error }),
    )
  } finally {
    reporting?.close()
  }
}

/** The lists of checks that the flags ask for. */
const chosen = ({
  pre,
  inCluster,
  workload,
  workloads,
  posture: tight,
}: Invocation['globals']): readonly AnyCheck[] =>
  pre
    ? preflightChecks
    : [
        ...chainChecks,
        ...(inCluster ? inClusterChecks : []),
        ...(workload || workloads
          ? [workloadsFound(workload ? workload.map(named) : 'all'), ...workloadRuleChecks]
          : running),
        ...(tight ? postureChecks : []),
      ]

/** `deploy/checkout` as kubectl means it. */
function named(text: string): { kind: WorkloadKind; name: string } {
  const [, word = '', name = ''] = /^([^/]+)\/([^/]+)$/.exec(text) ?? []
  const kind = parseWorkloadKind(word)
  if (!kind)
    throw new UsageError(
      `--workload ${JSON.stringify(text)} is not KIND/NAME, KIND one of ${workloadKinds.map((each) => each.toLowerCase()).join(', ')}      e.g. deploy/checkout`,
    )
  return { kind, name }
}
