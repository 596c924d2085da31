import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { quoted } from '../src/base/shell.ts'
import { running, type SandboxSession } from './session.ts'
import { stateFile } from './state-file.ts'

/** What other programs need to use the sandbox: one JSON line, or lines for a shell. */
export async function describe(session: SandboxSession, json: boolean): Promise<string> {
  const { arm } = session
  const { addresses } = session.simulator!
  const kubeconfigFile = join(session.dir, 'kubeconfig')
  if (json)
    return `${JSON.stringify({
      arm,
      login: addresses.login,
      graph: addresses.graph,
      vaultSuffix: addresses.vaultSuffix,
      caFile: session.caFile,
      tenantId: session.tenantId,
      subscriptionId: session.subscriptionId,
      clientId: session.operator.clientId,
      clientSecret: session.operator.clientSecret,
      kubeconfig: kubeconfigFile,
      control: addresses.control,
      proxy: session.proxy,
    })}\n`
  const ca = quoted(session.caFile)
  return `${[
    '# For a shell of its own: these certificates and this proxy serve nothing but the sandbox.',
    '# Azure CLI: az cloud register -n WiSandbox --endpoint-resource-manager "$ARM_ENDPOINT" && az cloud set -n WiSandbox',
    '#   az login --service-principal -u "$AZURE_CLIENT_ID" -p "$AZURE_CLIENT_SECRET" --tenant "$AZURE_TENANT_ID"',
    `export ARM_ENDPOINT=${arm}`,
    `export AZURE_AUTHORITY_HOST=${addresses.login}`,
    `export AZURE_TENANT_ID=${session.tenantId}`,
    `export AZURE_SUBSCRIPTION_ID=${session.subscriptionId}`,
    `export AZURE_CLIENT_ID=${session.operator.clientId}`,
    `export AZURE_CLIENT_SECRET=${quoted(session.operator.clientSecret)}`,
    `export AZURE_CONFIG_DIR=${quoted(join(session.dir, 'azure-cli'))}`,
    'export AZURE_CORE_INSTANCE_DISCOVERY=false',
    `export REQUESTS_CA_BUNDLE=${ca} SSL_CERT_FILE=${ca} NODE_EXTRA_CA_CERTS=${ca}`,
    `export HTTPS_PROXY=${session.proxy} https_proxy=${session.proxy} NO_PROXY= no_proxy=`,
    `export KUBECONFIG=${quoted(kubeconfigFile)}`,
  ].join('\n')}\n`
}

interface Status {
  running: boolean
  arm: string | undefined
  folder: string
  groups: number
  clusters: number
  identities: number
  applications: number
  vaults: number
  secrets: number
  requests: { reads: number; writes: number }
}

/** What is in the world on this folder, whether it is served or not. Names and counts only. */
export async function sandboxStatus(folder: string): Promise<Status> {
  const served = existsSync(folder) ? await running(folder) : undefined
  const state = existsSync(join(folder, 'world.json')) ? stateFile(folder).load() : undefined
  const entries = journalText(folder)
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { write: boolean })
  const count = (type: string) =>
    Object.values(state?.arm.resources ?? {}).filter(({ body }) => body.type.toLowerCase() === type).length
  const writes = entries.filter(({ write }) => write).length
  return {
    running: served !== undefined,
    arm: served?.arm,
    folder,
    groups: Object.keys(state?.arm.groups ?? {}).length,
    clusters: Object.keys(state?.clusters ?? {}).length,
    identities: count('microsoft.managedidentity/userassignedidentities'),
    applications: Object.values(state?.directory.applications ?? {}).filter(
      ({ deletedAt }) => deletedAt === undefined,
    ).length,
    vaults: count('microsoft.keyvault/vaults'),
    secrets: Object.values(state?.vaults ?? {}).reduce(
      (sum, { secrets }) => sum + Object.keys(secrets).length,
      0,
    ),
    requests: { reads: entries.length - writes, writes },
  }
}

export const statusText = (status: Status) =>
  `${[
    ['sandbox', status.running ? `running at ${status.arm}` : 'not running'],
    ['folder', status.folder],
    ['holds', `${status.groups} groups, ${status.clusters} clusters, ${status.applications} applications,`],
    ['', `${status.identities} managed identities, ${status.vaults} vaults, ${status.secrets} secrets`],
    ['served', `${status.requests.reads} reads, ${status.requests.writes} writes`],
  ]
    .map(([name, value]) => `  ${name!.padEnd(9)} ${value}`)
    .join('\n')}\n`

/** The journal as JSON lines: run, number, time, method, host, path, status, ms, and whether it could write. */
export const journalText = (folder: string) => {
  const path = join(folder, 'journal.jsonl')
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}
