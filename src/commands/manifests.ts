import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { workloadRules } from '../checks/workloads/checks.ts'
import {
  ManifestError,
  type ManifestText,
  parseManifests,
  readManifests,
  type Written,
  workloadsRead,
} from '../checks/workloads/manifests.ts'
import { titleOf } from '../checks/workloads/workload.ts'
import { makeReads, type Run } from '../engine/run.ts'
import { isHealthy } from '../engine/verify.ts'
import { complete } from '../settings/resolve.ts'
import { type Settings, valuesOf } from '../settings/settings.ts'
import { UsageError } from '../settings/usage-error.ts'
import { commandLine, type Invocation } from './invocation.ts'
import type { Reporting } from './report.ts'
import { select } from './selection.ts'
import { readGiven } from './session.ts'
import { makeShow } from './show.ts'

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
  const show = await makeShow(invocation)
  const settings = valuesOf(complete(known)) as Settings
  const command = (word: string) => commandLine(word, [], known, globals, false)
  const texts = await read(invocation, paths)
  const reading = await readManifests(texts.flatMap(parsed), {
    // Where kubectl would put them, if nobody said another.
    namespace: known.namespace?.value ?? 'default',
    account: known.serviceAccount?.value,
    audience: settings.audience,
    command,
  })
  const run: Run = {
    settings,
    // These checks ask nobody.
    clients: {} as Run['clients'],
    signal,
    // It is not the chain that is checked.
    report: (event) => event.type === 'checking' || show.report(event),
    secretValue: undefined,
    command,
    ...makeReads(),
    patience: { first: 0, most: 0 },
  }
  const checks = await show.working(() =>
    select([workloadsRead(reading), ...workloadRules], globals).run(run, 0),
  )
  const ok = isHealthy(checks)
  const { leftAlone, unseen } = reading
  const workloads = reading.workloads.map(titleOf)
  show.document({ command: 'verify', ok, settings, checks, outputs: { workloads, leftAlone, unseen } })
  reporting?.write({ ok, settings: {}, checks })
  show.linted({ checks, files: texts.length, workloads, leftAlone, unseen })
  show.close()
  return ok ? 0 : 1
}

function parsed(from: ManifestText): Written[] {
  try {
    return parseManifests(from)
  } catch (error) {
    throw error instanceof ManifestError ? new UsageError(`--manifest ${error.message}`) : error
  }
}

/** The texts of files, of the YAML and JSON files of folders (not of folders in them), and of the standard input. */
async function read({ world }: Invocation, paths: readonly string[]): Promise<ManifestText[]> {
  const texts: ManifestText[] = []
  for (const file of paths)
    if (file === '-') texts.push({ file, text: await text(world.stdin) })
    else
      for (const each of filesOf(world.cwd, file))
        texts.push({ file: each, text: readFileSync(resolve(world.cwd, each), 'utf8') })
  return texts
}

function filesOf(cwd: string, path: string): string[] {
  try {
    if (!statSync(resolve(cwd, path)).isDirectory()) return [path]
  } catch (error) {
    throw new UsageError(
      `--manifest ${JSON.stringify(path)} cannot be read: ${(error as NodeJS.ErrnoException).code}`,
    )
  }
  const files = readdirSync(resolve(cwd, path))
    .filter((name) => /\.(ya?ml|json)$/.test(name))
    .sort()
    .map((name) => join(path, name))
  if (!files.length)
    throw new UsageError(`--manifest ${JSON.stringify(path)} holds no .yaml, .yml or .json file`)
  return files
}
