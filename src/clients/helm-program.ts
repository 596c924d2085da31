import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Helm } from './helm.ts'
import { runProgram } from './run-program.ts'
import { ServiceError } from './service-error.ts'

interface Revision {
  revision: number
  status: string
  chart: string
  /** When helm began to work on it. */
  updated?: string
}

const timeout = '5m'
/** After this time (ms) a helm that still worked on a release has given up: its timeout, and what it does before and after. */
const longest = 330_000
/** ms between two looks at a release that another helm works on. */
const interval = 1000

/** `--set-string` reads these in a value as its own. */
const escaped = (value: string) => value.replace(/[\\,{}]/g, (sign) => `\\${sign}`)

const absent = /release: not found/i

/** Two helms that began at the same moment. */
const collision = /another operation \(install\/upgrade\/rollback\) is in progress/i

const isPending = ({ status }: Revision) => status.startsWith('pending-') || status === 'uninstalling'
const isGood = ({ status }: Revision) => status === 'deployed' || status === 'superseded'

function failure(stderr: string, exitCode: number | undefined): ServiceError {
  const lines = stderr.split('\n').filter((line) => line.trim() && !/^(WARNING|level=|I\d{4} )/.test(line))
  const message = (lines.find((line) => line.startsWith('Error:')) ?? lines.at(-1) ?? '').replace(
    /^Error: /,
    '',
  )
  return new ServiceError({
    service: 'helm',
    code: 'HelmFailed',
    message: message.trim() || `helm ended with exit code ${exitCode ?? 'none'}`,
  })
}

/** `env`: what helm gets as its environment. Failures are `HelmNotFound` or `HelmFailed`. */
export function makeHelm(of: { env: Record<string, string | undefined>; signal: AbortSignal }): Helm {
  /** Stdout; undefined if helm says that there is no such release. */
  async function helm(kubeconfig: string, args: string[]): Promise<string | undefined> {
    const directory = await mkdtemp(join(tmpdir(), 'wi-setup-'))
    try {
      const file = join(directory, 'kubeconfig')
      await writeFile(file, kubeconfig, { mode: 0o600 })
      const { exitCode, stdout, stderr } = await runProgram('helm', args, {
        env: { ...of.env, KUBECONFIG: file },
        signal: of.signal,
        missing: 'HelmNotFound',
      })
      if (exitCode === 0) return stdout
      if (absent.test(stderr)) return undefined
      throw failure(stderr, exitCode)
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  }

  const history = async (kubeconfig: string, namespace: string, name: string): Promise<Revision[]> => {
    const out = await helm(kubeconfig, ['history', name, '--namespace', namespace, '--output', 'json'])
    return out ? JSON.parse(out) : []
  }

  const uninstall: Helm['uninstall'] = async (kubeconfig, namespace, name) => {
    await helm(kubeconfig, ['uninstall', name, '--namespace', namespace, '--wait', '--timeout', '3m'])
  }

  /** The revisions, once no helm is at work on the release; a pending one is then of a helm that was killed. */
  async function settled(
    kubeconfig: string,
    namespace: string,
    name: string,
    note: (text: string) => void,
  ): Promise<{ revisions: Revision[]; waited: boolean }> {
    const began = Date.now()
    for (let waited = false; ; waited = true) {
      const revisions = await history(kubeconfig, namespace, name)
      const last = revisions.at(-1)
      if (!last || !isPending(last)) return { revisions, waited }
      // Another machine's clock may be ahead of ours.
      const since = Math.min(Date.parse(last.updated ?? '') || 0, began)
      if (Date.now() - since > longest) return { revisions, waited }
      if (!waited)
        note(
          `another helm works on it (${last.status}); it is waited for until ${new Date(since + longest).toISOString().slice(11, 19)} UTC`,
        )
      await delay(interval, undefined, { signal: of.signal }).catch(() => of.signal.throwIfAborted())
    }
  }

  /** A killed helm leaves its release pending, and no other helm touches it then. */
  async function recover(
    kubeconfig: string,
    namespace: string,
    name: string,
    revisions: Revision[],
  ): Promise<void> {
    const last = revisions.at(-1)
    if (!last || !isPending(last)) return
    const good = revisions.findLast(isGood)
    if (!good) return uninstall(kubeconfig, namespace, name)
    const args = [
      'rollback',
      name,
      String(good.revision),
      '--namespace',
      namespace,
      '--wait',
      '--timeout',
      timeout,
    ]
    await helm(kubeconfig, args)
  }

  const release: Helm['release'] = async (kubeconfig, namespace, name) => {
    const last = (await history(kubeconfig, namespace, name)).at(-1)
    if (!last) return undefined
    const args = ['get', 'values', name, '--namespace', namespace, '--output', 'json']
    const values = await helm(kubeconfig, args)
    return {
      name,
      namespace,
      status: last.status,
      chart: last.chart,
      values: JSON.parse(values || '{}') ?? {},
    }
  }

  return {
    release,
    uninstall,

    async install(kubeconfig, wanted): Promise<void> {
      const { namespace, name, chart, repo, version, values, note = () => {} } = wanted
      const { revisions, waited } = await settled(kubeconfig, namespace, name, note)
      // The other helm may have done the same job.
      const done = waited ? await release(kubeconfig, namespace, name) : undefined
      if (
        done?.status === 'deployed' &&
        Object.entries(values).every(([key, value]) => done.values[key] === value)
      )
        return
      await recover(kubeconfig, namespace, name, revisions)
      const args = ['upgrade', '--install', name, chart, '--namespace', namespace, '--create-namespace']
      if (repo) args.push('--repo', repo)
      if (version) args.push('--version', version)
      for (const [key, value] of Object.entries(values)) args.push('--set-string', `${key}=${escaped(value)}`)
      try {
        await helm(kubeconfig, [...args, '--wait', '--timeout', timeout])
      } catch (error) {
        if (!collision.test((error as Error).message)) throw error
        return this.install(kubeconfig, wanted)
      }
    },

    async show({ chart, repo, version }) {
      const from = [...(repo ? ['--repo', repo] : []), ...(version ? ['--version', version] : [])]
      await helm('', ['show', 'chart', chart, ...from])
    },
  }
}
