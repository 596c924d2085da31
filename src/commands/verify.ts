import { UsageError } from '../base/usage-error.ts'
import { durationFault, parseDuration } from '../settings/duration.ts'
import { flagOf } from '../settings/table.ts'
import { command, type FlagValues } from './command.ts'

const flags = {
  wait: {
    value: 'duration',
    description: 'Retry until every check passes, for at most this time, such as 5m (default: do not retry)',
  },
  pre: {
    description:
      'Before a set-up: check that sign-in, permissions, quota, names, region and cluster allow it',
  },
  inCluster: {
    description: 'Also check from inside the cluster: a temporary pod exchanges its token',
  },
  workload: {
    values: 'kind/name',
    description: 'Also lint these workloads: deploy/checkout, cronjob/report, pod/web, …',
  },
  posture: {
    description: 'Also audit for least privilege: permissions, tokens and keys, with IDs of CIS controls',
  },
  workloads: {
    description:
      "Also lint every workload in the namespace that uses workload identity, and other controllers' objects",
  },
  manifest: {
    short: 'f',
    values: 'path',
    description: 'Only lint the workloads in these files or folders, without a cluster (-: standard input)',
  },
  only: {
    value: 'codes',
    description:
      'Run only these checks, such as WI301,WI5xx; what they depend on is reported only if it fails (default: all)',
  },
  skip: { value: 'codes', description: 'Skip these checks (default: none)' },
  report: {
    value: 'file',
    description: 'Also write the result to a file for a ticket: .md, .json or .html (default: none)',
  },
} as const

type VerifyFlags = FlagValues<typeof flags>

/** Checks every link of the chain. Writes nothing, except for a temporary pod with --in-cluster. */
export const verify = command({
  name: 'verify',
  description:
    'Check every link from the service account to the secret; exit code 1 if one is broken, 3 if a service failed',
  outputs: ['text', 'json', 'junit'],
  requiresFile: true,
  flags,
  examples: [
    'verify --sandbox',
    'verify --sandbox --output json',
    'verify --sandbox --output junit > wi-setup.xml',
    'verify --sandbox --in-cluster',
    'verify --sandbox --workload deploy/vault-reader',
    'verify -f manifests/',
    'verify -f - < rendered.yaml',
    'verify --sandbox --only WI3xx --skip WI304',
    'verify --sandbox --report verify.html',
    'verify --namespace shop --service-account checkout --wait 5m',
  ],
  async run(invocation, given) {
    rejectTogether(given, 'pre', ['inCluster', 'posture', 'workload', 'workloads', 'manifest'])
    rejectTogether(given, 'manifest', ['workload', 'workloads', 'inCluster', 'posture'])
    const waitMs = given.wait === undefined ? 0 : parseDuration(given.wait)
    if (waitMs === undefined) throw new UsageError(`--wait ${JSON.stringify(given.wait)} ${durationFault}`)
    const { only, skip, manifest, report: reportPath } = given
    const [{ checksFor, runVerify }, { selectChecks }, { beginVerifyReport }, { knownValues }] =
      await Promise.all([
        import('./run/verify.ts'),
        import('./run/selection.ts'),
        import('../session/verify-report.ts'),
        import('../session/known-settings.ts'),
      ])
    const selection = manifest
      ? undefined
      : selectChecks(checksFor(given, knownValues(invocation)), { only, skip })
    const report = reportPath === undefined ? undefined : await beginVerifyReport(reportPath, invocation.host)
    if (selection) return runVerify(invocation, { selection, waitMs, report, reportPath, pre: given.pre })
    const { lintManifests } = await import('./run/lint-manifests.ts')
    return lintManifests(invocation, { paths: manifest!, only, skip, report })
  },
})

/** Throws a `UsageError` for flags that can't be combined. */
function rejectTogether(
  given: VerifyFlags,
  name: keyof typeof flags,
  excluded: readonly (keyof typeof flags)[],
): void {
  const other = given[name] && excluded.find((each) => given[each])
  if (other) throw new UsageError(`${flagOf(name)} and ${flagOf(other)} can't be combined`)
}
