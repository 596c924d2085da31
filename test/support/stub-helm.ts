import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

export interface StubHelm {
  /** Variables with which a program finds this helm. */
  env: { PATH: string }
  /** The IDs of the helm that hangs and of the program that it started; empty before it has started both. */
  processes(): number[]
  /** The kubeconfigs that helm got. */
  kubeconfigs(): string[]
}

/**
 * Installs a helm below `root` that finds no release. Its `upgrade` starts a program that ignores SIGTERM and holds the
 * output open; then it runs `andThen`, in the language of the shell.
 */
export function installStubHelm(root: string, andThen = 'wait'): StubHelm {
  const folder = join(root, 'stub-helm')
  const file = (name: string) => join(folder, name)
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    file('helm'),
    `#!/bin/sh
echo "$KUBECONFIG" >> '${file('kubeconfigs')}'
case "$1" in
history) echo 'Error: release: not found' >&2; exit 1 ;;
upgrade)
  sh -c 'trap "" TERM INT HUP; echo $$ >> "${file('processes')}"; while :; do sleep 0.2; done' &
  while ! [ -s '${file('processes')}' ]; do sleep 0.05; done
  echo $$ >> '${file('processes')}'
  ${andThen} ;;
esac
`,
  )
  chmodSync(file('helm'), 0o755)
  const lines = (name: string) =>
    existsSync(file(name)) ? readFileSync(file(name), 'utf8').split('\n').filter(Boolean) : []
  return {
    env: { PATH: [folder, process.env.PATH].join(delimiter) },
    processes: () => (lines('processes').length > 1 ? lines('processes').map(Number) : []),
    kubeconfigs: () => lines('kubeconfigs'),
  }
}

/** Returns those of the processes that run; one that has ended but was not waited for does not. */
export const running = (pids: number[]): number[] =>
  pids.filter((pid) => {
    try {
      return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
    } catch {
      return false
    }
  })

/** Returns those of the processes that still run after a second: one that was killed needs a moment to end. */
export async function survivors(pids: number[]): Promise<number[]> {
  for (let turn = 0; turn < 50 && running(pids).length > 0; turn++) await delay(20)
  return running(pids)
}
