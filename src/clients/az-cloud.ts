import { withoutTrailingSlash } from '../base/trailing-slash.ts'
import type { Cloud } from './cloud.ts'
import { runProgram } from './run-program.ts'

const azErrors = { service: 'entra', missing: 'AzNotFound', failed: 'AzFailed' } as const

const normalized = (address: string) => withoutTrailingSlash(address.trim()).toLowerCase()

/** Throws if the Azure CLI is signed in to another cloud, whose tokens this one must not get. */
export async function requireAzCloud({
  cloud,
  env,
  signal,
}: {
  cloud: Cloud
  env: Record<string, string | undefined>
  signal: AbortSignal
}): Promise<void> {
  const args = ['cloud', 'show', '--query', 'endpoints.resourceManager', '--output', 'tsv']
  const { stdout, exitCode } = await runProgram('az', args, { env, signal, errors: azErrors })
  if (exitCode === 0 && normalized(stdout) === normalized(cloud.arm)) return
  throw new Error(
    `not used, because its active cloud has the resource manager ${stdout.trim().slice(0, 200) || '(unknown)'} instead of ${cloud.arm}`,
  )
}
