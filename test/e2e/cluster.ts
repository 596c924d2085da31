import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Place } from './place.ts'

/** Runs one of the cluster's scripts; its answer is on the standard output. */
export const script = (scripts: string, name: string, args: readonly string[] = []): string =>
  execFileSync(join(scripts, name), args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()

/** Ends the API server at once, by its id: asked politely, it waits a minute for those who watch. */
export function killApiServer({ kubeconfig }: Place): void {
  const file = join(dirname(kubeconfig), 'kube-apiserver.pid')
  try {
    if (existsSync(file)) process.kill(Number(readFileSync(file, 'utf8')), 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Starts the API server anew: its tokens carry the first of these issuers, the others stay valid. */
export function restart(at: Place, issuers: readonly string[] = [at.issuer]): void {
  killApiServer(at)
  script(at.scripts, 'up', ['--node', ...issuers.flatMap((issuer) => ['--issuer', issuer])])
}
