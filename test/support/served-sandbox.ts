import type { ProgramEnvironment } from './environment.ts'
import type { Running } from './process.ts'

/** What `sandbox start --output json` prints. */
export interface SandboxAddresses {
  arm: string
  login: string
  proxy: string
  caFile: string
  tenantId: string
  subscriptionId: string
  clientId: string
  clientSecret: string
}

export interface ServedSandbox {
  addresses: SandboxAddresses
  /** The variables that sign a program in as the sandbox's operator and make it trust the sandbox. */
  env: Record<string, string>
  process: Running
  stop(): Promise<void>
}

/** Serves a sandbox in a separate process until `stop`. */
export async function serveSandbox(
  environment: ProgramEnvironment,
  flags: readonly string[] = ['--pace', '0'],
): Promise<ServedSandbox> {
  const run = environment.start(['sandbox', 'start', ...flags, '--output', 'json'], { timeoutMs: 3_600_000 })
  await run.until(() => run.stdout.endsWith('\n'))
  const addresses = JSON.parse(run.stdout) as SandboxAddresses
  return {
    addresses,
    env: {
      AZURE_TENANT_ID: addresses.tenantId,
      AZURE_CLIENT_ID: addresses.clientId,
      AZURE_CLIENT_SECRET: addresses.clientSecret,
      NODE_EXTRA_CA_CERTS: addresses.caFile,
    },
    process: run,
    async stop() {
      run.child.kill('SIGINT')
      await run.ended.catch(() => {})
    },
  }
}
