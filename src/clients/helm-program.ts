import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommand } from './command.ts'
import type { Helm, Release } from './helm.ts'
import { ServiceError } from './service-error.ts'

interface Revision {
  revision: number
  status: string
  chart: string
}

/** `--set-string` reads these in a value as its own. */
const escaped = (value: string) => value.replace(/[\\,{}]/g, (sign) => `\\${sign}`)

const absent = /release: not found/i

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
      const { exitCode, stdout, stderr } = await runCommand('helm', args, {
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

  /** A killed helm leaves its release pending, and no other helm touches it then. */
  async function recover(kubeconfig: string, namespace: string, name: string): Promise<void> {
    const revisions = await history(kubeconfig, namespace, name)
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
      '5m',
    ]
    await helm(kubeconfig, args)
  }

  return {
    async release(kubeconfig, namespace, name): Promise<Release | undefined> {
      const last = (await history(kubeconfig, namespace, name)).at(-1)
      if (!last) return undefined
      const values = await helm(kubeconfig, [
        'get',
        'values',
        name,
        '--namespace',
        namespace,
        '--output',
        'json',
      ])
      return {
        name,
        namespace,
        status: last.status,
        chart: last.chart,
        values: JSON.parse(values || '{}') ?? {},
      }
    },

    async install(kubeconfig, { namespace, name, chart, repo, version, values }) {
      await recover(kubeconfig, namespace, name)
      const args = ['upgrade', '--install', name, chart, '--namespace', namespace, '--create-namespace']
      if (repo) args.push('--repo', repo)
      if (version) args.push('--version', version)
      for (const [key, value] of Object.entries(values)) args.push('--set-string', `${key}=${escaped(value)}`)
      await helm(kubeconfig, [...args, '--wait', '--timeout', '5m'])
    },

    uninstall,
  }
}
