import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createPrivateFolder } from '../base/private-folder.ts'
import type { Helm, Release } from './helm.ts'
import { helmError } from './helm-error.ts'
import { pinnedArchive } from './pinned-chart.ts'
import { type ProgramResult, runProgram } from './run-program.ts'
import { ServiceError } from './service-error.ts'

interface Revision {
  revision: number
  status: string
  chart: string
  /** When Helm started to work on the revision. */
  updated?: string
}

interface ReleaseName {
  kubeconfig: string
  namespace: string
  name: string
}

const helmErrors = { service: 'helm', missing: 'HelmNotFound', failed: 'HelmFailed' } as const

const timeout = '5m'
/** Time in ms after which another Helm process must have stopped: its timeout, and its work before and after. */
const maxOperationTime = 330_000
const pollInterval = 1000

const hasNoRelease = ({ stderr }: ProgramResult) => /release: not found/i.test(stderr)

/** Helm's error if two processes start at the same moment. */
const isConcurrentOperation = (error: unknown) =>
  /another operation \(install\/upgrade\/rollback\) is in progress/i.test((error as Error).message)

const isPending = ({ status }: Revision) => status.startsWith('pending-') || status === 'uninstalling'
const isUsable = ({ status }: Revision) => status === 'deployed' || status === 'superseded'

/** Escapes characters that `--set-string` interprets. */
const escaped = (value: string) => value.replace(/[\\,{}]/g, (character) => `\\${character}`)

/** Returns what a helm command printed as JSON; undefined for nothing and for `null`. */
function parseOutput<T extends object>(command: string, output: string | undefined): T | undefined {
  const isList = command === 'history'
  try {
    const parsed: unknown = JSON.parse(output?.trim() || 'null')
    if (parsed === null) return undefined
    if (typeof parsed === 'object' && Array.isArray(parsed) === isList) return parsed as T
  } catch {
    // Reported below: the text itself may contain secrets.
  }
  throw new ServiceError({
    service: 'helm',
    code: 'HelmFailed',
    message: `helm ${command} --output json did not print a JSON ${isList ? 'list' : 'object'}`,
  })
}

/**
 * Helm runs in an empty folder: in the user's, a subfolder with the chart's name would take the place of the chart of the
 * repository. So the path of a local chart is made absolute.
 */
const chartArgument = (chart: string, repo: string | undefined): string =>
  repo === undefined && existsSync(chart) ? resolve(chart) : chart

interface HelmOptions {
  env: Record<string, string | undefined>
  signal: AbortSignal
}

interface Invocation {
  command: readonly string[]
  /** Values by flag; `true` for a switch. */
  flags: Readonly<Record<string, string | true | undefined>>
  /** Values of `--set-string`. */
  values?: readonly string[]
  names: readonly string[]
}

/** No value is taken for a flag: flags contain theirs, and the names follow `--`. */
const argumentsOf = ({ command, flags, values = [], names }: Invocation): string[] => [
  ...command,
  ...Object.entries(flags).flatMap(([name, value]) =>
    value === undefined ? [] : [value === true ? `--${name}` : `--${name}=${value}`],
  ),
  ...values.map((value) => `--set-string=${value}`),
  '--',
  ...names,
]

/** Returns helm's standard output; undefined if there is no such release. */
type Run = (kubeconfig: string, invocation: Invocation) => Promise<string | undefined>

function makeRun({ env, signal }: HelmOptions): Run {
  /** How often a command failed since it last succeeded. */
  const failures = new Map<string, number>()
  return async (kubeconfig, invocation) => {
    const name = [...invocation.command, ...invocation.names].join(' ')
    const folder = createPrivateFolder(env)
    try {
      const file = join(folder.path, 'kubeconfig')
      await writeFile(file, kubeconfig, { mode: 0o600 })
      // What helm leaves in its temporary folder is removed with the kubeconfig.
      const variables = { ...env, KUBECONFIG: file, TMPDIR: folder.path }
      const options = { env: variables, cwd: folder.path, signal, errors: helmErrors }
      const result = await runProgram('helm', argumentsOf(invocation), options)
      if (result.exitCode === 0 || hasNoRelease(result)) {
        failures.delete(name)
        return result.exitCode === 0 ? result.stdout : undefined
      }
      const attempts = (failures.get(name) ?? 0) + 1
      failures.set(name, attempts)
      throw helmError(result, { ...invocation, attempts })
    } finally {
      folder.remove()
    }
  }
}

/** Runs helm in the environment `env`. Error codes: `HelmNotFound`, `HelmFailed`. */
export function makeHelm(options: HelmOptions): Helm {
  const { signal } = options
  const run = makeRun(options)

  const release: Helm['release'] = async (kubeconfig, namespace, name) => {
    const last = (await history(run, { kubeconfig, namespace, name })).at(-1)
    if (!last) return undefined
    const flags = { namespace, output: 'json' }
    const output = await run(kubeconfig, { command: ['get', 'values'], flags, names: [name] })
    const values = parseOutput<Release['values']>('get values', output) ?? {}
    const { status, chart } = last
    return { name, namespace, status, chart, values }
  }

  async function withPinnedChart<T>(
    { chart, repo, version, digest }: { chart: string; repo?: string; version?: string; digest: string },
    use: (archive: string) => Promise<T>,
  ): Promise<T> {
    const folder = createPrivateFolder(options.env)
    try {
      await run('', {
        command: ['pull'],
        flags: { repo, version, destination: folder.path },
        names: [chartArgument(chart, repo)],
      })
      return await use(await pinnedArchive(folder.path, digest))
    } finally {
      folder.remove()
    }
  }

  const install: Helm['install'] = async (kubeconfig, wanted) => {
    const { namespace, name, chart, repo, version, values, note = () => {} } = wanted
    const releaseName = { kubeconfig, namespace, name }
    const { revisions, waited } = await waitForOtherHelm(run, releaseName, signal, note)
    // The other process may have installed the same.
    const installed = waited ? await release(kubeconfig, namespace, name) : undefined
    if (
      installed?.status === 'deployed' &&
      Object.entries(values).every(([key, value]) => installed.values[key] === value)
    )
      return
    await recover(run, releaseName, revisions)
    const upgrade = (source: string, from: Pick<Invocation, 'flags'>['flags']) =>
      run(kubeconfig, {
        command: ['upgrade', '--install'],
        flags: { namespace, 'create-namespace': true, ...from, wait: true, timeout },
        values: Object.entries(values).map(([key, value]) => `${key}=${escaped(value)}`),
        names: [name, source],
      })
    try {
      if (wanted.digest === undefined) await upgrade(chartArgument(chart, repo), { repo, version })
      else await withPinnedChart({ ...wanted, digest: wanted.digest }, (archive) => upgrade(archive, {}))
    } catch (error) {
      if (!isConcurrentOperation(error)) throw error
      return install(kubeconfig, wanted)
    }
  }

  return {
    release,
    install,
    uninstall: (kubeconfig, namespace, name) => uninstall(run, { kubeconfig, namespace, name }),
    async show({ chart, repo, version }) {
      const names = [chartArgument(chart, repo)]
      await run('', { command: ['show', 'chart'], flags: { repo, version }, names })
    },
  }
}

async function history(run: Run, { kubeconfig, namespace, name }: ReleaseName): Promise<Revision[]> {
  const flags = { namespace, output: 'json' }
  const output = await run(kubeconfig, { command: ['history'], flags, names: [name] })
  return parseOutput<Revision[]>('history', output) ?? []
}

async function uninstall(run: Run, { kubeconfig, namespace, name }: ReleaseName): Promise<void> {
  const flags = { namespace, wait: true, timeout: '3m' } as const
  await run(kubeconfig, { command: ['uninstall'], flags, names: [name] })
}

/** Returns the revisions once no Helm process is working on the release. One that is still pending then was killed. */
async function waitForOtherHelm(
  run: Run,
  releaseName: ReleaseName,
  signal: AbortSignal,
  note: (text: string) => void,
): Promise<{ revisions: Revision[]; waited: boolean }> {
  const began = Date.now()
  for (let waited = false; ; waited = true) {
    const revisions = await history(run, releaseName)
    const last = revisions.at(-1)
    if (!last || !isPending(last)) return { revisions, waited }
    // The other machine's clock may be ahead.
    const since = Math.min(Date.parse(last.updated ?? '') || 0, began)
    if (Date.now() - since > maxOperationTime) return { revisions, waited }
    const deadline = new Date(since + maxOperationTime).toISOString().slice(11, 19)
    if (!waited)
      note(
        `waiting for another Helm process that is working on the release (${last.status}), until ${deadline} UTC`,
      )
    await delay(pollInterval, undefined, { signal }).catch(() => signal.throwIfAborted())
  }
}

/** Rolls back or uninstalls a release that a killed Helm process left pending, because Helm refuses to change it. */
async function recover(run: Run, releaseName: ReleaseName, revisions: Revision[]): Promise<void> {
  const last = revisions.at(-1)
  if (!last || !isPending(last)) return
  const usable = revisions.findLast(isUsable)
  if (!usable) return uninstall(run, releaseName)
  const { kubeconfig, namespace, name } = releaseName
  await run(kubeconfig, {
    command: ['rollback'],
    flags: { namespace, wait: true, timeout },
    names: [name, String(usable.revision)],
  })
}
