import { chain, inside } from '../checks/index.ts'
import type { AnyCheck } from '../engine/check.ts'
import { isHealthy, verify as runChecks } from '../engine/verify.ts'
import type { Invocation } from './invocation.ts'
import { job } from './job.ts'
import { milliseconds } from './session.ts'

/** The health check: every link of the chain, nothing written (but a pod for a moment with `--in-cluster`). */
export async function verify(invocation: Invocation): Promise<number> {
  const { wait } = invocation.globals
  const checks = chosen(invocation.globals)
  const waitMs = wait === undefined ? 0 : milliseconds('--wait', wait)
  const uses = () => [...new Set(checks.flatMap((check) => check.uses))]
  return job(invocation, 'verify', uses, async ({ show, settings, run }) => {
    const results = await show.working(() => runChecks(checks, run, waitMs))
    const ok = isHealthy(results)
    show.document({ command: 'verify', ok, settings, checks: results })
    show.verified(settings, results)
    return ok ? 0 : 1
  })
}

/** The lists of checks that the flags ask for. */
const chosen = ({ inCluster }: Invocation['globals']): readonly AnyCheck[] => [
  ...chain,
  ...(inCluster ? inside : []),
]
