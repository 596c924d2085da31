import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { E2eEnvironment } from './environment.ts'

const running = new Set<Promise<string>>()

/**
 * Runs one of the cluster's scripts; its answer is on the standard output. Ctrl-C does not reach it, so that none is
 * broken off half-way: `scriptsEnded` waits for it.
 */
export function script(scripts: string, name: string, args: readonly string[] = []): Promise<string> {
  const child = spawn(join(scripts, name), args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const text = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (part: string) => {
      text[stream] += part
    })
  const work = new Promise<string>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) =>
      code === 0
        ? resolve(text.stdout.trim())
        : reject(new Error(`${name} ended with ${code}\n${text.stderr}`)),
    )
  })
  running.add(work)
  work.catch(() => {}).finally(() => running.delete(work))
  return work
}

export const scriptsEnded = (): Promise<unknown> => Promise.allSettled(running)

const stateOf = ({ kubeconfig }: E2eEnvironment) => dirname(kubeconfig)

/** The folder of the signing keys. */
export const keysOf = (at: E2eEnvironment): string => join(stateOf(at), 'pki')

const isThere = (id: number): boolean => {
  try {
    return process.kill(id, 0)
  } catch {
    return false
  }
}

/** Ends a part of the cluster at once, by its id: asked politely, the API server waits a minute for those who watch. */
async function kill(at: E2eEnvironment, part: string): Promise<void> {
  const file = join(stateOf(at), `${part}.pid`)
  const id = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0
  if (!id || !isThere(id)) return
  process.kill(id, 'SIGKILL')
  // Its port is free when it is gone.
  for (let n = 0; n < 100 && isThere(id); n++) await delay(50)
}

export const killApiServer = (at: E2eEnvironment): Promise<void> => kill(at, 'kube-apiserver')

const others = ['kube-controller-manager', 'kube-scheduler', 'kube-proxy', 'kubelet']

/** Starts the API server anew: its tokens carry the first of these issuers, the others stay valid. */
export async function restart(
  at: E2eEnvironment,
  issuers: readonly string[] = [at.issuer],
  { pods = true }: { pods?: boolean } = {},
): Promise<void> {
  if (!at.scripts) throw new Error('The API server of a cluster given by KUBECONFIG is not restarted')
  await killApiServer(at)
  // While it is away these look for it ever more seldom: a minute goes by before pods go on.
  if (pods) for (const part of others) await kill(at, part)
  await script(at.scripts, 'up', ['--node', ...issuers.flatMap((issuer) => ['--issuer', issuer])])
}
