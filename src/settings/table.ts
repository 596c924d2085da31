import { createHash } from 'node:crypto'
import { type Rule, rules } from './rules.ts'
import type { SettingName, Settings } from './settings.ts'

export interface SettingSpec<Name extends SettingName = SettingName> {
  name: Name
  /** Heading in the help. */
  group: 'Azure' | 'Cluster' | 'Workload' | 'Webhook' | 'Vault' | 'Sample'
  /** What it is, as the end of "the …". */
  description: string
  example: string
  kind: 'text' | 'number' | 'switch'
  choices?: readonly string[]
  rule?: Rule
  /** Computed from the other values; undefined while those are not known. */
  default?: (known: Partial<Settings>) => Settings[Name] | undefined
  /** May stay unset. */
  optional?: boolean
  /** Not needed with these other values. */
  isUnused?: (known: Partial<Settings>) => boolean
}

const inOtherCluster = (known: Partial<Settings>) =>
  known.context !== undefined || known.kubeconfig !== undefined
const option = <Name extends SettingName>(of: SettingSpec<Name>) => of as unknown as SettingSpec

const short = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 6)

/** All settings, in the order in which help, docs and prompts show them. */
export const settingsTable: readonly SettingSpec[] = [
  option<'subscription'>({
    name: 'subscription',
    group: 'Azure',
    kind: 'text',
    description: 'Azure subscription, by id or name',
    example: '6f1f3b8a-…',
    rule: rules.plain,
  }),
  option<'tenant'>({
    name: 'tenant',
    group: 'Azure',
    kind: 'text',
    description: 'Entra tenant, by id or domain; the subscription tells it',
    example: 'contoso.com',
    rule: rules.tenant,
  }),
  option<'location'>({
    name: 'location',
    group: 'Azure',
    kind: 'text',
    description: 'location for what is new; an existing group tells it',
    example: 'westeurope',
    rule: rules.location,
  }),
  option<'resourceGroup'>({
    name: 'resourceGroup',
    group: 'Azure',
    kind: 'text',
    description: 'Azure resource group to use or create',
    example: 'rg-shop',
    rule: rules.resourceGroup,
  }),

  option<'cluster'>({
    name: 'cluster',
    group: 'Cluster',
    kind: 'text',
    description: "AKS cluster's name, in the group; created if absent",
    example: 'aks-shop',
    rule: rules.cluster,
    isUnused: inOtherCluster,
  }),
  option<'clusterResourceGroup'>({
    name: 'clusterResourceGroup',
    group: 'Cluster',
    kind: 'text',
    description: "AKS cluster's resource group, if it is another one",
    example: 'rg-platform',
    rule: rules.resourceGroup,
    default: (known) => known.resourceGroup,
    isUnused: inOtherCluster,
  }),
  option<'nodeSize'>({
    name: 'nodeSize',
    group: 'Cluster',
    kind: 'text',
    description: "VM size of a new cluster's nodes; AKS chooses if unset",
    example: 'Standard_D2s_v5',
    rule: rules.nodeSize,
    optional: true,
  }),
  option<'nodeCount'>({
    name: 'nodeCount',
    group: 'Cluster',
    kind: 'number',
    description: 'number of nodes of a new cluster',
    example: '2',
    rule: rules.nodeCount,
    default: () => 1,
  }),
  option<'kubernetesVersion'>({
    name: 'kubernetesVersion',
    group: 'Cluster',
    kind: 'text',
    description: "Kubernetes version of a new cluster; AKS's default if unset",
    example: '1.34',
    rule: rules.kubernetesVersion,
    optional: true,
  }),
  option<'kubeconfig'>({
    name: 'kubeconfig',
    group: 'Cluster',
    kind: 'text',
    description: 'kubeconfig of a cluster that is not to be looked up in AKS',
    example: './kubeconfig',
    rule: rules.plain,
    optional: true,
  }),
  option<'context'>({
    name: 'context',
    group: 'Cluster',
    kind: 'text',
    description: 'kubeconfig context of any cluster, in place of an AKS cluster',
    example: 'kind-local',
    rule: rules.plain,
    optional: true,
  }),

  option<'identityKind'>({
    name: 'identityKind',
    group: 'Workload',
    kind: 'text',
    choices: ['app', 'managed'],
    description: 'kind of identity: app registration or user-assigned managed identity',
    example: 'managed',
    default: () => 'app',
  }),
  option<'identity'>({
    name: 'identity',
    group: 'Workload',
    kind: 'text',
    description: "identity's name; created if absent",
    example: 'wi-shop-checkout',
    rule: rules.identity,
    default: (known) =>
      known.namespace &&
      known.serviceAccount &&
      `wi-${known.namespace}-${known.serviceAccount}`.replaceAll('.', '-').slice(0, 120),
  }),
  option<'namespace'>({
    name: 'namespace',
    group: 'Workload',
    kind: 'text',
    description: "workload's namespace; created if absent",
    example: 'shop',
    rule: rules.dnsLabel,
    default: () => 'vault-reader',
  }),
  option<'serviceAccount'>({
    name: 'serviceAccount',
    group: 'Workload',
    kind: 'text',
    description: "workload's service account; created if absent",
    example: 'checkout',
    rule: rules.serviceAccount,
    default: () => 'vault-reader',
  }),
  option<'audience'>({
    name: 'audience',
    group: 'Workload',
    kind: 'text',
    description: "audience of the workload's tokens",
    example: 'api://AzureADTokenExchange',
    rule: rules.audience,
    default: () => 'api://AzureADTokenExchange',
  }),
  option<'os'>({
    name: 'os',
    group: 'Workload',
    kind: 'text',
    choices: ['linux', 'windows'],
    description: 'operating system of the workload',
    example: 'windows',
    default: () => 'linux',
  }),

  option<'webhook'>({
    name: 'webhook',
    group: 'Webhook',
    kind: 'text',
    choices: ['auto', 'addon', 'helm', 'none'],
    description:
      'way to install the mutating webhook; auto takes the add-on on AKS, Helm elsewhere, and leaves one that is there',
    example: 'helm',
    default: () => 'auto',
  }),
  option<'chart'>({
    name: 'chart',
    group: 'Webhook',
    kind: 'text',
    description: "webhook's Helm chart: a folder, an archive, or repository URL + name",
    example: './workload-identity-webhook',
    rule: rules.argument,
    default: () => 'https://azure.github.io/azure-workload-identity/charts/workload-identity-webhook',
  }),
  option<'chartVersion'>({
    name: 'chartVersion',
    group: 'Webhook',
    kind: 'text',
    description: "chart's version; the newest if unset",
    example: '1.6.0',
    rule: rules.argument,
    optional: true,
  }),

  option<'vault'>({
    name: 'vault',
    group: 'Vault',
    kind: 'text',
    description: "Key Vault's name; created if absent",
    example: 'kv-shop',
    rule: rules.vault,
  }),
  option<'vaultResourceGroup'>({
    name: 'vaultResourceGroup',
    group: 'Vault',
    kind: 'text',
    description: "vault's resource group, if it is another one",
    example: 'rg-secrets',
    rule: rules.resourceGroup,
    default: (known) => known.resourceGroup,
  }),
  option<'vaultAccess'>({
    name: 'vaultAccess',
    group: 'Vault',
    kind: 'text',
    choices: ['rbac', 'policy'],
    description: 'access model of a new vault; an existing one keeps its own',
    example: 'policy',
    default: () => 'rbac',
  }),
  option<'secret'>({
    name: 'secret',
    group: 'Vault',
    kind: 'text',
    description: "secret's name; created with a random value if absent",
    example: 'db-password',
    rule: rules.secret,
    default: () => 'demo-secret',
  }),

  option<'sample'>({
    name: 'sample',
    group: 'Sample',
    kind: 'switch',
    description: 'example app that hands the secret back over HTTP',
    example: 'false',
    default: () => true,
  }),
  option<'sampleImage'>({
    name: 'sampleImage',
    group: 'Sample',
    kind: 'text',
    description: 'image with Node.js that runs the example app (node:24-alpine on Linux; needed on Windows)',
    example: 'node:24-alpine',
    rule: rules.plain,
    optional: true,
  }),
]

export const settingSpec = (name: SettingName): SettingSpec => {
  const found = settingsTable.find((option) => option.name === name)
  if (!found) throw new Error(`No such setting: ${name}`)
  return found
}

const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

export const flagOf = (name: SettingName) => `--${kebab(name)}`
export const variableOf = (name: SettingName) => `WI_SETUP_${kebab(name).replaceAll('-', '_').toUpperCase()}`

/** A vault name that is very likely free and always the same for this subscription and workload. */
export const suggestVault = (subscription: string, stem: string) =>
  `kv-${stem.replace(/[^a-z0-9]/g, '').slice(0, 13)}-${short(`${subscription}/${stem}`)}`
