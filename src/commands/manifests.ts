import { UsageError } from '../base/usage-error.ts'
import { workloadRuleChecks } from '../checks/workloads/checks.ts'
import { lintManifests, manifestWorkloads } from '../checks/workloads/manifest-lint.ts'
import { ManifestError, parseManifests } from '../checks/workloads/parsed-manifest.ts'
import { workloadTitle } from '../checks/workloads/workload.ts'
import { makeReadCache, type Run } from '../engine/run.ts'
import { isHealthy } from '../engine/verify.ts'
import { commandLine, type Invocation } from '../session/invocation.ts'
import type { Reporting } from '../session/report.ts'
import { makeScreen } from '../session/screen.ts'
import { readGiven } from '../session/session.ts'
import { withDefaults } from '../settings/resolve.ts'
import { type Settings, valuesOf } from '../settings/settings.ts'
import { manifestTexts } from './manifest-files.ts'
import { select } from './selection.ts'

/** `verify -f`: how the workloads in manifests are written. No cluster, no sign-in; nothing is sent. */
export async function lint(
  invocation: Invocation,
  paths: readonly string[],
  reporting?: Reporting,
): Promise<number> {
  const { globals } = invocation
  for (const [flag, given] of [
    ['--workload', globals.workload],
    ['--workloads', globals.workloads],
    ['--in-cluster', globals.inCluster],
    ['--posture', globals.posture],
  ] as const)
    if (given) throw new UsageError(`--manifest is without a cluster, and excludes ${flag}`)
  const { known, signal } = readGiven(invocation)
  const show = await makeScreen(invocation)
  const settings = valuesOf(withDefaults(known)) as Settings
  const command = (word: string) => commandLine(word, [], known, globals, false)
  const files = await manifestTexts(invocation.world, paths)
  const strange: string[] = []
  const written = files.flatMap(({ among, ...each }) => {
    const note = (line: number) => void strange.push(`${each.file}:${line}, no Kubernetes object`)
    return refusing(() => parseManifests(each, among ? note : undefined))
  })
  const reading = await refusing(() =>
    lintManifests(written, {
      // Where kubectl would put them, if nobody said another.
      namespace: known.namespace?.value ?? 'default',
      account: known.serviceAccount?.value,
      audience: settings.audience,
      command,
    }),
  )
  const run: Run = {
    settings,
    // These checks ask nobody.
    clients: {} as Run['clients'],
    signal,
    // It is not the chain that is checked.
    emit: (event) => event.type === 'checking' || show.report(event),
    secretValue: undefined,
    command,
    ...makeReadCache(),
    polling: { firstDelayMs: 0, maxDelayMs: 0 },
  }
  const checks = await show.working(() =>
    select([manifestWorkloads(reading), ...workloadRuleChecks], globals).run(run, 0),
  )
  const ok = isHealthy(checks)
  const { unseen, unjudged } = reading
  const leftAlone = [...strange, ...reading.leftAlone]
  const workloads = reading.workloads.map(workloadTitle)
  show.document({ command: 'verify', ok, settings, checks, outputs: { workloads, leftAlone, unseen } })
  reporting?.write({ ok, settings: {}, checks })
  show.linted({ checks, files: files.length, workloads, leftAlone, unjudged, unseen })
  show.close()
  return ok ? 0 : 1
}

/** What is said of a manifest, as the fault of a flag. */
function refusing<T>(read: () => T): T {
  const told = (error: unknown) =>
    error instanceof ManifestError ? new UsageError(`--manifest ${error.message}`) : error
  try {
    const made = read()
    return made instanceof Promise ? (made.catch((error) => Promise.reject(told(error))) as T) : made
  } catch (error) {
    throw told(error)
  }
}
