import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { runProcess } from '../support/process.ts'
import type { Prepared } from './environment.ts'

// The cluster that the scripts `up`, `down` and `image` start.

const running = new Set<Promise<string>>()

/**
 * Runs one of the scripts and returns its stdout. Ctrl-C doesn't reach it, so that none is interrupted:
 * `allScriptsEnded` waits for it.
 */
export function runScript(scripts: string, name: string, args: readonly string[] = []): Promise<string> {
  const options = { env: process.env, detached: true, timeoutMs: 600_000 }
  const result = runProcess(join(scripts, name), args, options).then((stdout) => stdout.trim())
  running.add(result)
  result.catch(() => {}).finally(() => running.delete(result))
  return result
}

export const allScriptsEnded = (): Promise<unknown> => Promise.allSettled(running)

const stateFolder = ({ kubeconfig }: Prepared) => dirname(kubeconfig)

/** Returns the folder of the keys that sign service account tokens. */
export const signingKeysFolder = (prepared: Prepared): string => join(stateFolder(prepared), 'pki')

const isAlive = (id: number): boolean => {
  try {
    return process.kill(id, 0)
  } catch {
    return false
  }
}

/** Kills a component of the cluster. On SIGTERM the API server would wait a minute for its watches. */
async function kill(prepared: Prepared, component: string): Promise<void> {
  const file = join(stateFolder(prepared), `${component}.pid`)
  const id = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0
  if (!id || !isAlive(id)) return
  process.kill(id, 'SIGKILL')
  // Its port is free once it has ended.
  for (let n = 0; n < 100 && isAlive(id); n++) await delay(50)
}

export const killApiServer = (prepared: Prepared): Promise<void> => kill(prepared, 'kube-apiserver')

const clients = ['kube-controller-manager', 'kube-scheduler', 'kube-proxy', 'kubelet']

/** Restarts the API server. Its tokens carry the first of these issuers; tokens of the others stay valid. */
export async function restartApiServer(
  prepared: Prepared,
  issuers: readonly string[] = [prepared.issuer],
  { pods = true }: { pods?: boolean } = {},
): Promise<void> {
  if (!prepared.scripts) throw new Error('The API server of a cluster given by KUBECONFIG is not restarted')
  await killApiServer(prepared)
  // While it is unavailable, its clients retry at growing intervals: it would take a minute until pods start again.
  if (pods) for (const component of clients) await kill(prepared, component)
  const flags = issuers.flatMap((issuer) => ['--issuer', issuer])
  await runScript(prepared.scripts, 'up', ['--node', ...flags])
}
