import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { mintServiceAccountToken } from '../../../sandbox/kube/auth/tokens.ts'
import type { openArm } from '../arm-session.ts'
import { openKube } from '../kube-session.ts'

/** A Python with the SDKs for Azure: `PYTHON_SDKS=/path/to/venv/bin/python`. */
const python = process.env.PYTHON_SDKS ?? 'python3'

/** Returns why the tests of these packages are skipped; false if they are installed. */
export const withoutPackages = (...packages: string[]): string | false =>
  spawnSync(python, ['-c', `import ${packages.join(', ')}`]).status === 0
    ? false
    : `${python} has not all of ${packages.join(', ')}`

/** Runs a script in this folder, and returns the JSON that it prints. */
export async function runPython(script: string, ...args: string[]) {
  const file = fileURLToPath(new URL(script, import.meta.url))
  const { stdout } = await execa(python, [file, ...args], { timeout: 60_000 })
  return JSON.parse(stdout)
}

/**
 * Creates a user-assigned identity that a service account of a new cluster federates with. Returns its principal, and
 * a function that runs a script as a pod of the service account would.
 */
export async function openPythonWorkload(arm: Awaited<ReturnType<typeof openArm>>) {
  const { sandbox, simulator, state } = arm
  const { made } = await openKube(sandbox)
  const identity = `${arm.providers}/Microsoft.ManagedIdentity/userAssignedIdentities/python`
  const { body } = await arm.call('PUT', identity, { location: 'eastus' })
  await arm.call('PUT', `${identity}/federatedIdentityCredentials/pod`, {
    properties: {
      issuer: made.issuer,
      subject: 'system:serviceaccount:shop:python',
      audiences: ['api://AzureADTokenExchange'],
    },
  })
  const { token } = await mintServiceAccountToken(
    simulator,
    made,
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'python', namespace: 'shop', uid: 'u' },
    } as never,
    { audiences: ['api://AzureADTokenExchange'], seconds: 3600 },
  )
  const folder = mkdtempSync(join(tmpdir(), 'wi-python-'))
  const tokenFile = join(folder, 'token')
  writeFileSync(tokenFile, token, { mode: 0o600 })
  const env = {
    PATH: process.env.PATH,
    AZURE_AUTHORITY_HOST: simulator.addresses.login,
    AZURE_TENANT_ID: state.tenant.id,
    AZURE_CLIENT_ID: body.properties.clientId as string,
    AZURE_FEDERATED_TOKEN_FILE: tokenFile,
    REQUESTS_CA_BUNDLE: simulator.caFile,
    SSL_CERT_FILE: simulator.caFile,
    // Python resolves no name below localhost.
    HTTPS_PROXY: sandbox.proxy,
    https_proxy: sandbox.proxy,
  }
  return {
    principalId: body.properties.principalId as string,
    close: () => rmSync(folder, { recursive: true, force: true }),
    /** Runs a script in this folder, and returns the JSON that it prints. */
    async run(script: string, ...args: string[]) {
      const file = fileURLToPath(new URL(script, import.meta.url))
      const { stdout } = await execa(python, [file, ...args], { env, extendEnv: false, timeout: 120_000 })
      return JSON.parse(stdout)
    },
  }
}
