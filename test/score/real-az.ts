import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { environmentShell } from '../../sandbox/index.ts'
import type { InProcessEnvironment } from '../support/in-process.ts'
import { runProcess } from '../support/process.ts'

/** With `SCORE_AZ=real`, az commands of remedies run in the az on PATH. */
export const wantsRealAz = process.env.SCORE_AZ === 'real'
export const hasAz = wantsRealAz && spawnSync('az', ['version']).status === 0

/** Commands that ran in the real az, and their results. */
export const azRuns: { line: string; seconds: number; ok: boolean }[] = []

const signedIn = new WeakMap<InProcessEnvironment, Promise<unknown>>()

/** Runs a line in a shell with the environment that `sandbox start` prints, which gives az its own configuration, CA and proxy. */
const inShell = ({ root }: InProcessEnvironment, line: string): Promise<string> =>
  runProcess('sh', ['-c', `. '${join(root, 'shell.sh')}'; ${line}`], {
    env: { PATH: process.env.PATH, HOME: root, AZURE_CORE_COLLECT_TELEMETRY: 'false' },
    timeoutMs: 600_000,
  })

/** Registers the sandbox as a cloud and signs in, with the commands from the docs. */
async function signIn(environment: InProcessEnvironment): Promise<void> {
  writeFileSync(join(environment.root, 'shell.sh'), environmentShell(environment.session))
  await inShell(
    environment,
    [
      'az cloud register -n WiSandbox --endpoint-resource-manager "$ARM_ENDPOINT"',
      'az cloud set -n WiSandbox',
      'az login --service-principal -u "$AZURE_CLIENT_ID" -p "$AZURE_CLIENT_SECRET" --tenant "$AZURE_TENANT_ID"',
    ].join(' && '),
  )
}

export async function runRealAz(line: string, environment: InProcessEnvironment): Promise<string> {
  const ready = signedIn.get(environment) ?? signIn(environment)
  signedIn.set(environment, ready)
  await ready
  const began = performance.now()
  const run = { line, seconds: 0, ok: false }
  azRuns.push(run)
  try {
    const out = await inShell(environment, line)
    run.ok = true
    return out
  } finally {
    run.seconds = (performance.now() - began) / 1000
  }
}
