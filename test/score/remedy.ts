import { spawnSync } from 'node:child_process'
import type { ClusterEnvironment } from '../support/environment.ts'
import type { InProcessEnvironment } from '../support/in-process.ts'
import { runProcess } from '../support/process.ts'
import type { Apis } from './apis.ts'
import { emulateAz } from './az.ts'
import type { Fixture } from './fault.ts'
import { printedProgram } from './installed.ts'
import { emulateKubectl } from './kubectl.ts'
import { hasAz, runRealAz } from './real-az.ts'

/** Splits a command line like a shell, without variable expansion. */
export function splitCommand(line: string): string[] {
  const found: string[] = []
  for (const [, double, single, bare] of line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g))
    found.push(double ?? single ?? bare ?? '')
  return found
}

export const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0

/**
 * Runs a printed remedy unchanged: wi-setup commands by the program, kubectl commands by kubectl if it is installed, and
 * az commands by an emulation that sends the same requests, or by the real az (`SCORE_AZ=real`).
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
  if (name === printedProgram[0]) {
    const rest = args.slice(printedProgram.length - 1)
    if (![name, ...args].join(' ').startsWith(printedProgram.join(' ')))
      throw new Error(`Not a command of wi-setup: ${line}`)
    const isPrompting = !['verify', 'permissions', 'explain'].includes(rest[0] ?? '')
    const { code, stdout, stderr } = await environment.run(isPrompting ? [...rest, '--yes'] : rest, {
      cwd,
      input,
      env,
    })
    if (code !== 0 && rest[0] !== 'verify')
      throw new Error(`${rest.join(' ')} exited with ${code}\n${stdout}${stderr}`)
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
  throw new Error(`Cannot run ${name}`)
}
