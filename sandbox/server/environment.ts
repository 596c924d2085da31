import { join } from 'node:path'
import { controlTokenFile } from './control-token.ts'
import type { SandboxSession } from './session.ts'

/** Returns the value as one word of a POSIX shell: unchanged, or in single quotes. */
const quote = (value: string) =>
  /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`

/** Returns what other programs need to use the sandbox, as one line of JSON. Only the serving process can. */
export function environmentJson(session: SandboxSession): string {
  const { addresses } = session.simulator!
  const environment = {
    arm: session.arm,
    login: addresses.login,
    graph: addresses.graph,
    vaultSuffix: addresses.vaultSuffix,
    caFile: session.caFile,
    tenantId: session.tenantId,
    subscriptionId: session.subscriptionId,
    subscriptions: session.subscriptions,
    clientId: session.operator.clientId,
    clientSecret: session.operator.clientSecret,
    kubeconfig: join(session.dir, 'kubeconfig'),
    control: addresses.control,
    controlTokenFile: controlTokenFile(session.dir),
    proxy: session.proxy,
  }
  return `${JSON.stringify(environment)}\n`
}

/** Returns what other programs need to use the sandbox, as lines for a shell. Only the serving process can. */
export function environmentShell(session: SandboxSession): string {
  const ca = quote(session.caFile)
  const [, ...others] = session.subscriptions
  return `${[
    ...others.map(({ id, displayName }) => `# Another subscription: ${id} (${displayName})`),
    '# Run these in a separate shell: the certificates and the proxy work for the sandbox only.',
    '# Azure CLI: az cloud register -n WiSandbox --endpoint-resource-manager "$ARM_ENDPOINT" && az cloud set -n WiSandbox',
    '#   az login --service-principal -u "$AZURE_CLIENT_ID" -p "$AZURE_CLIENT_SECRET" --tenant "$AZURE_TENANT_ID"',
    `export ARM_ENDPOINT=${session.arm}`,
    `export AZURE_AUTHORITY_HOST=${session.simulator!.addresses.login}`,
    `export AZURE_TENANT_ID=${session.tenantId}`,
    `export AZURE_SUBSCRIPTION_ID=${session.subscriptionId}`,
    `export AZURE_CLIENT_ID=${session.operator.clientId}`,
    `export AZURE_CLIENT_SECRET=${quote(session.operator.clientSecret)}`,
    `export AZURE_CONFIG_DIR=${quote(join(session.dir, 'azure-cli'))}`,
    'export AZURE_CORE_INSTANCE_DISCOVERY=false',
    `export REQUESTS_CA_BUNDLE=${ca} SSL_CERT_FILE=${ca} NODE_EXTRA_CA_CERTS=${ca}`,
    `export HTTPS_PROXY=${session.proxy} https_proxy=${session.proxy} NO_PROXY= no_proxy=`,
    `export KUBECONFIG=${quote(join(session.dir, 'kubeconfig'))}`,
  ].join('\n')}\n`
}
