import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { environmentShell } from '../../sandbox/index.ts'
import type { InProcessEnvironment } from '../support/in-process.ts'
import { outputOf } from '../support/process.ts'

/** With `SCORE_AZ=real`: remedies that begin with az are run by the az on PATH, as they are printed. */
export const wantsRealAz = process.env.SCORE_AZ === 'real'
export const hasAz = wantsRealAz && spawnSync('az', ['version']).status === 0

/** What the real az was given, and how it ended. */
export const azRuns: { line: string; seconds: number; ok: boolean }[] = []

const signedIn = new WeakMap<InProcessEnvironment, Promise<unknown>>()

/** In a shell that has read what `sandbox start` prints: az's settings, certificates and proxy are its own. */
const inShell = ({ root }: InProcessEnvironment, line: string): Promise<string> =>
  outputOf('sh', ['-c', `. '${join(root, 'shell.sh')}'; ${line}`], {
    PATH: process.env.PATH,
    HOME: root,
    AZURE_CORE_COLLECT_TELEMETRY: 'false',
  })

/** Registers the sandbox as a cloud, and signs in: what the README tells to paste. */
async function signIn(at: InProcessEnvironment): Promise<void> {
  writeFileSync(join(at.root, 'shell.sh'), environmentShell(at.session))
  await inShell(
    at,
    [
      'az cloud register -n WiSandbox --endpoint-resource-manager "$ARM_ENDPOINT"',
      'az cloud set -n WiSandbox',
      'az login --service-principal -u "$AZURE_CLIENT_ID" -p "$AZURE_CLIENT_SECRET" --tenant "$AZURE_TENANT_ID"',
    ].join(' && '),
  )
}

export async function runRealAz(line: string, at: InProcessEnvironment): Promise<string> {
  const ready = signedIn.get(at) ?? signIn(at)
  signedIn.set(at, ready)
  await ready
  const began = performance.now()
  const run = { line, seconds: 0, ok: false }
  azRuns.push(run)
  try {
    const out = await inShell(at, line)
    run.ok = true
    return out
  } finally {
    run.seconds = (performance.now() - began) / 1000
  }
}
