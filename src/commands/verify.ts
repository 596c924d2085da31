import { caller, chain, inside, workloads as running } from '../checks/index.ts'
import { workloadRules, workloadsIn } from '../checks/workloads/checks.ts'
import { kindSpelled, type WorkloadKind, workloadKinds } from '../checks/workloads/workload.ts'
import type { AnyCheck } from '../engine/check.ts'
import { isHealthy } from '../engine/verify.ts'
import { UsageError } from '../settings/usage-error.ts'
import type { Invocation } from './invocation.ts'
import { job } from './job.ts'
import { select } from './selection.ts'
import { milliseconds } from './session.ts'

/** The health check: every link of the chain, nothing written (but a pod for a moment with `--in-cluster`). */
export async function verify(invocation: Invocation): Promise<number> {
  const { wait, manifest, pre, inCluster } = invocation.globals
  if (pre && inCluster) throw new UsageError('--pre and --in-cluster exclude each other')
  if (manifest) return (await import('./manifests.ts')).lint(invocation, manifest)
  const selection = select(chosen(invocation.globals), invocation.globals)
  const waitMs = wait === undefined ? 0 : milliseconds('--wait', wait)
  const uses = () => [...new Set(selection.checks.flatMap((check) => check.uses))]
  return job(invocation, 'verify', uses, async ({ show, settings, run }) => {
    const results = await show.working(() => selection.run(run, waitMs))
    const ok = isHealthy(results)
    show.document({ command: 'verify', ok, settings, checks: results })
    show.verified(settings, results)
    return ok ? 0 : 1
  })
}

/** The lists of checks that the flags ask for. */
const chosen = ({ pre, inCluster, workload, workloads }: Invocation['globals']): readonly AnyCheck[] =>
  pre
    ? caller
    : [
        ...chain,
        ...(inCluster ? inside : []),
        ...(workload || workloads
          ? [workloadsIn(workload ? workload.map(named) : 'all'), ...workloadRules]
          : running),
      ]

/** `deploy/checkout` as kubectl means it. */
function named(text: string): { kind: WorkloadKind; name: string } {
  const [, word = '', name = ''] = /^([^/]+)\/([^/]+)$/.exec(text) ?? []
  const kind = kindSpelled(word)
  if (!kind)
    throw new UsageError(
      `--workload ${JSON.stringify(text)} is not KIND/NAME, KIND one of ${workloadKinds.map((each) => each.toLowerCase()).join(', ')}      e.g. deploy/checkout`,
    )
  return { kind, name }
}
