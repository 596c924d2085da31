import { spawnSync } from 'node:child_process'
import type { ClusterEnvironment } from '../support/environment.ts'
import type { InProcessEnvironment } from '../support/in-process.ts'
import { runProcess } from '../support/process.ts'
import type { Apis } from './apis.ts'
import { emulateAz } from './az.ts'
import type { Fixture } from './fault.ts'
import { emulateKubectl } from './kubectl.ts'
import { hasAz, runRealAz } from './real-az.ts'

/** Splits one command line as a shell would, without variables. */
export function splitCommand(line: string): string[] {
  const found: string[] = []
  for (const [, double, single, bare] of line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g))
    found.push(double ?? single ?? bare ?? '')
  return found
}

export const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0

/**
 * Runs a printed remedy as it stands: our own commands by the program, `kubectl` by the real one if it is here, and
 * `az` by a few lines that send the same public requests, or by the real one (`SCORE_AZ=real`).
 */
export async function runRemedy(line: string, { environment, apis, cwd, caller }: Fixture): Promise<void> {
  for (const part of line.split(' && ')) {
    let piped = ''
    for (const command of part.split(' | '))
      piped = await one(command, environment, apis, { cwd, input: piped, env: caller?.env ?? {} })
  }
}

async function one(
  line: string,
  environment: ClusterEnvironment,
  to: Apis,
  { cwd, input, env }: { cwd: string; input: string; env: Record<string, string> },
): Promise<string> {
  const [name = '', ...args] = splitCommand(line)
  if (name === 'npx') {
    const [program, ...rest] = args
    if (program !== 'wi-setup') throw new Error(`Not ours: ${program}`)
    const asks = !['verify', 'permissions', 'explain'].includes(rest[0] ?? '')
    const { code, stdout, stderr } = await environment.run(asks ? [...rest, '--yes'] : rest, {
      cwd,
      input,
      env,
    })
    if (code !== 0 && rest[0] !== 'verify')
      throw new Error(`${rest.join(' ')} ended with ${code}\n${stdout}${stderr}`)
    return stdout
  }
  if (name === 'kubectl')
    return hasKubectl
      ? runProcess('kubectl', args, {
          env: { ...process.env, KUBECONFIG: environment.kubeconfig },
          input,
          timeoutMs: 300_000,
        })
      : emulateKubectl(args, to.kube, input)
  if (name === 'az') return hasAz ? runRealAz(line, environment as InProcessEnvironment) : emulateAz(args, to)
  throw new Error(`Nothing here runs ${name}`)
}
