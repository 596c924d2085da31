import type { Script } from '../../base/command.ts'
import { hostTarget, remedyText } from '../../base/command-text.ts'
import { UsageError } from '../../base/usage-error.ts'
import { objectChecks } from '../../checks/objects/object-checks.ts'
import {
  lintManifests as lintObjects,
  manifestWorkloads,
  titlesOf,
} from '../../checks/workloads/manifest-lint.ts'
import { ManifestError, parseManifests } from '../../checks/workloads/parsed-manifest.ts'
import { workloadRuleChecks } from '../../checks/workloads/rule-checks.ts'
import { healthOf, isHealthy } from '../../engine/check-result.ts'
import { makeReadCache } from '../../engine/read-cache.ts'
import type { Run } from '../../engine/run.ts'
import { commandLine } from '../../session/command-line.ts'
import { startDeadline } from '../../session/deadline.ts'
import type { Invocation } from '../../session/invocation.ts'
import { readKnownSettings } from '../../session/known-settings.ts'
import { makeScreen } from '../../session/screen.ts'
import type { VerifyReport } from '../../session/verify-report.ts'
import { withDefaults } from '../../settings/resolve.ts'
import { type KnownSettings, type Settings, valuesOf } from '../../settings/settings.ts'
import { type ManifestFile, readManifestFiles } from './manifest-files.ts'
import { selectChecks } from './selection.ts'

export interface LintOptions {
  paths: readonly string[]
  only: string | undefined
  skip: string | undefined
  report: VerifyReport | undefined
}

/** Lints the workloads in manifests (`verify -f`). Needs no cluster and no sign-in, and sends nothing. */
export async function lintManifests(
  invocation: Invocation,
  { paths, only, skip, report }: LintOptions,
): Promise<number> {
  const { host, options, repeatedFlags } = invocation
  const known = readKnownSettings(invocation)
  const screen = await makeScreen({ host, options, quietFailures: true })
  const signal = startDeadline(host.signal, options.timeout, () => 'linting manifests')
  const settings = valuesOf(withDefaults(known)) as Settings
  const repeated = repeatedFlags.filter((flag) => flag !== '--sandbox')
  const command = (name: string) => commandLine(name, [], known, repeated)
  const files = await readManifestFiles(host, paths)
  const { reading, notObjects } = await parseFiles(files, known, settings, command)
  const run: Run = {
    settings,
    // These checks send no requests.
    clients: {} as Run['clients'],
    signal,
    // "Checking the chain" would be wrong here.
    emit: (event) => event.type === 'checking' || screen.report(event),
    secretValue: undefined,
    command,
    print: (remedy) => remedyText(remedy, hostTarget(host)),
    ...makeReadCache(),
    polling: { firstDelayMs: 0, maxDelayMs: 0 },
  }
  const selection = selectChecks([manifestWorkloads(reading), ...workloadRuleChecks, ...objectChecks], {
    only,
    skip,
  })
  const checks = await screen.during(() => selection.run(run, 0))
  const ok = isHealthy(checks)
  const { unseen, unjudged } = reading
  const leftAlone = [...notObjects, ...reading.leftAlone]
  const workloads = titlesOf(reading)
  const others = reading.objects.length > 0
  screen.document({ command: 'verify', ok, settings, checks, outputs: { workloads, leftAlone, unseen } })
  report?.write({ health: healthOf(checks), settings: {}, checks })
  screen.linted({ checks, files: files.length, workloads, others, leftAlone, unjudged, unseen })
  screen.close()
  return ok ? 0 : 1
}

/** No objects to lint is an error: the program before the pipe may have failed. */
const noObjects = (files: readonly ManifestFile[]) =>
  new UsageError(
    files.some(({ file }) => file === 'stdin')
      ? '--manifest "-" has no Kubernetes object: standard input was empty, so the program before it may have failed'
      : `--manifest has no Kubernetes object in ${files.map(({ file }) => JSON.stringify(file)).join(', ') || 'these folders'}`,
  )

/** Returns the workloads in the files, and the locations of documents that are not Kubernetes objects. */
async function parseFiles(
  files: readonly ManifestFile[],
  known: KnownSettings,
  settings: Settings,
  command: (name: string) => Script,
) {
  try {
    const notObjects: string[] = []
    const objects = files.flatMap(({ inFolder, ...file }) => {
      const skip = (line: number) => void notObjects.push(`${file.file}:${line}, not a Kubernetes object`)
      return parseManifests(file, inFolder ? skip : undefined)
    })
    if (objects.length === 0) throw noObjects(files)
    const reading = await lintObjects(objects, {
      // The namespace that kubectl uses by default.
      namespace: known.namespace?.value ?? 'default',
      account: known.serviceAccount?.value,
      audience: settings.audience,
      command,
    })
    return { reading, notObjects }
  } catch (error) {
    throw error instanceof ManifestError ? new UsageError(`--manifest ${error.message}`) : error
  }
}
