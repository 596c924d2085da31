import { sha256 } from '../base/sha256.ts'
import { issuerSettings, jobName } from './issuer-settings.ts'
import { webhookChart, webhookChartVersion } from './pinned.ts'
import { valueRules } from './rules.ts'
import { type SettingSpec, setting } from './setting-spec.ts'
import type { SettingName, Settings } from './settings.ts'

export type { SettingSpec, Trust } from './setting-spec.ts'

const isJob = (known: Partial<Settings>) => known.issuer !== undefined
const inOtherCluster = (known: Partial<Settings>) =>
  isJob(known) || known.context !== undefined || known.kubeconfig !== undefined

/** Whether a vault with a secret is part of the job: always, unless there are grants and no vault is named. */
export const usesVault = ({ vault, grants }: Partial<Pick<Settings, 'vault' | 'grants'>>): boolean =>
  vault !== undefined || (grants?.length ?? 0) === 0
const withoutVault = (known: Partial<Settings>) => !usesVault(known)

const short = (text: string) => sha256(text).toString('hex').slice(0, 6)

/** All settings, in the order of help, docs and prompts. */
export const settingsTable: readonly SettingSpec[] = [
  setting<'subscription'>({
    name: 'subscription',
    group: 'Azure',
    kind: 'text',
    description: 'Azure subscription, by ID or name',
    example: '6f1f3b8a-…',
    rule: valueRules.plain,
    defaultNote: 'the only one you can access',
    trust: 'names',
  }),
  setting<'tenant'>({
    name: 'tenant',
    group: 'Azure',
    kind: 'text',
    description: 'Entra tenant, by ID or domain',
    example: 'contoso.com',
    rule: valueRules.tenant,
    defaultNote: "the subscription's tenant",
    trust: 'names',
  }),
  setting<'location'>({
    name: 'location',
    group: 'Azure',
    kind: 'text',
    description: 'Azure region for new resources',
    placeholder: 'region',
    example: 'westeurope',
    rule: valueRules.location,
    defaultNote: "the resource group's region",
    trust: 'names',
  }),
  setting<'resourceGroup'>({
    name: 'resourceGroup',
    group: 'Azure',
    kind: 'text',
    description: 'Azure resource group to use or create',
    example: 'rg-shop',
    rule: valueRules.resourceGroup,
    trust: 'names',
  }),

  setting<'cluster'>({
    name: 'cluster',
    group: 'Cluster',
    kind: 'text',
    description: 'AKS cluster to use or create: a name or resource ID',
    example: 'aks-shop',
    rule: valueRules.cluster,
    isUnused: inOtherCluster,
    trust: 'names',
  }),
  setting<'clusterResourceGroup'>({
    name: 'clusterResourceGroup',
    group: 'Cluster',
    kind: 'text',
    description: 'Resource group of the AKS cluster',
    example: 'rg-platform',
    rule: valueRules.resourceGroup,
    default: (known) => known.resourceGroup,
    isUnused: inOtherCluster,
    trust: 'names',
  }),
  setting<'clusterSubscription'>({
    name: 'clusterSubscription',
    group: 'Cluster',
    kind: 'text',
    description: 'Subscription of the AKS cluster, by ID or name',
    placeholder: 'subscription',
    example: 'Platform',
    rule: valueRules.plain,
    default: (known) => known.subscription,
    isUnused: inOtherCluster,
    trust: 'names',
  }),
  setting<'nodeSize'>({
    name: 'nodeSize',
    group: 'Cluster',
    kind: 'text',
    description: 'VM size for the nodes of a new cluster',
    placeholder: 'size',
    example: 'Standard_D2s_v5',
    rule: valueRules.nodeSize,
    optional: true,
    defaultNote: 'chosen by AKS',
    trust: 'names',
  }),
  setting<'nodeCount'>({
    name: 'nodeCount',
    group: 'Cluster',
    kind: 'number',
    description: 'Number of nodes in a new cluster',
    placeholder: 'n',
    example: '2',
    rule: valueRules.nodeCount,
    default: () => 1,
    trust: 'names',
  }),
  setting<'kubernetesVersion'>({
    name: 'kubernetesVersion',
    group: 'Cluster',
    kind: 'text',
    description: 'Kubernetes version for a new cluster',
    placeholder: 'version',
    example: '1.34',
    rule: valueRules.kubernetesVersion,
    optional: true,
    defaultNote: 'the AKS default',
    trust: 'names',
  }),
  setting<'kubeconfig'>({
    name: 'kubeconfig',
    group: 'Cluster',
    kind: 'text',
    description: 'Kubeconfig file of a cluster to use instead of an AKS cluster',
    placeholder: 'path',
    example: './kubeconfig',
    rule: valueRules.plain,
    optional: true,
    trust: {
      would: 'connect to its clusters, and run its sign-in programs',
      localPath: 'always',
    },
  }),
  setting<'context'>({
    name: 'context',
    group: 'Cluster',
    kind: 'text',
    description: 'Kubeconfig context of a cluster to use instead of an AKS cluster',
    example: 'kind-local',
    rule: valueRules.plain,
    optional: true,
    trust: 'names',
  }),

  ...issuerSettings,

  setting<'identityKind'>({
    name: 'identityKind',
    group: 'Workload',
    kind: 'text',
    choices: ['app', 'managed'],
    description: 'Kind of identity: app registration or user-assigned managed identity',
    example: 'managed',
    default: () => 'app',
    trust: 'names',
  }),
  setting<'identity'>({
    name: 'identity',
    group: 'Workload',
    kind: 'text',
    description: 'Identity to use or create: a name, client ID, object ID or resource ID',
    example: 'wi-shop-checkout',
    rule: valueRules.identity,
    default: (known) =>
      isJob(known)
        ? jobName(known)
        : known.namespace &&
          known.serviceAccount &&
          `wi-${known.namespace}-${known.serviceAccount}`.replaceAll('.', '-').slice(0, 120),
    trust: 'names',
  }),
  setting<'identityResourceGroup'>({
    name: 'identityResourceGroup',
    group: 'Workload',
    kind: 'text',
    description: 'Resource group of the managed identity',
    example: 'rg-identities',
    rule: valueRules.resourceGroup,
    default: (known) => known.resourceGroup,
    trust: 'names',
  }),
  setting<'identitySubscription'>({
    name: 'identitySubscription',
    group: 'Workload',
    kind: 'text',
    description: 'Subscription of the managed identity, by ID or name',
    placeholder: 'subscription',
    example: 'Identities',
    rule: valueRules.plain,
    default: (known) => known.subscription,
    trust: 'names',
  }),
  setting<'namespace'>({
    name: 'namespace',
    group: 'Workload',
    kind: 'text',
    description: 'Namespace of the workload, to use or create',
    example: 'shop',
    rule: valueRules.dnsLabel,
    default: () => 'vault-reader',
    isUnused: isJob,
    trust: 'names',
  }),
  setting<'serviceAccount'>({
    name: 'serviceAccount',
    group: 'Workload',
    kind: 'text',
    description: 'Service account of the workload, to use or create',
    example: 'checkout',
    rule: valueRules.serviceAccount,
    default: () => 'vault-reader',
    isUnused: isJob,
    trust: 'names',
  }),
  setting<'audience'>({
    name: 'audience',
    group: 'Workload',
    kind: 'text',
    description: "Audience of the workload's tokens",
    placeholder: 'audience',
    example: 'api://AzureADTokenExchange',
    rule: valueRules.audience,
    default: () => 'api://AzureADTokenExchange',
    trust: 'names',
  }),
  setting<'os'>({
    name: 'os',
    group: 'Workload',
    kind: 'text',
    choices: ['linux', 'windows'],
    description: "Operating system of the workload's nodes",
    example: 'windows',
    default: () => 'linux',
    trust: 'names',
  }),

  setting<'webhook'>({
    name: 'webhook',
    group: 'Webhook',
    kind: 'text',
    choices: ['auto', 'addon', 'helm', 'none'],
    description: 'How to install the webhook if there is none; auto uses the add-on on AKS, Helm elsewhere',
    example: 'helm',
    default: () => 'auto',
    trust: 'names',
  }),
  setting<'chart'>({
    name: 'chart',
    group: 'Webhook',
    kind: 'text',
    description: "Helm chart of the webhook: folder, archive, or repository URL followed by the chart's name",
    placeholder: 'chart',
    example: './workload-identity-webhook',
    rule: valueRules.chart,
    default: () => webhookChart,
    trust: { would: 'install this chart in the cluster', localPath: 'unless URL' },
  }),
  setting<'chartVersion'>({
    name: 'chartVersion',
    group: 'Webhook',
    kind: 'text',
    description: "Version of the webhook's Helm chart",
    placeholder: 'version',
    example: '1.6.0',
    rule: valueRules.chartVersion,
    optional: true,
    default: ({ chart = webhookChart }) => (chart === webhookChart ? webhookChartVersion : undefined),
    defaultNote: `${webhookChartVersion} for the default chart, the latest for others`,
    trust: { would: 'install this version of the chart in the cluster' },
  }),

  setting<'vault'>({
    name: 'vault',
    group: 'Vault',
    kind: 'text',
    description: 'Key Vault to use or create: a name or resource ID',
    example: 'kv-shop',
    rule: valueRules.vault,
    isUnused: withoutVault,
    trust: 'names',
  }),
  setting<'vaultResourceGroup'>({
    name: 'vaultResourceGroup',
    group: 'Vault',
    kind: 'text',
    description: 'Resource group of the Key Vault',
    example: 'rg-secrets',
    rule: valueRules.resourceGroup,
    default: (known) => known.resourceGroup,
    trust: 'names',
  }),
  setting<'vaultSubscription'>({
    name: 'vaultSubscription',
    group: 'Vault',
    kind: 'text',
    description: 'Subscription of the Key Vault, by ID or name',
    placeholder: 'subscription',
    example: 'Secrets',
    rule: valueRules.plain,
    default: (known) => known.subscription,
    trust: 'names',
  }),
  setting<'vaultAccess'>({
    name: 'vaultAccess',
    group: 'Vault',
    kind: 'text',
    choices: ['rbac', 'policy'],
    description: 'Access model of a new Key Vault; an existing one keeps its own',
    example: 'policy',
    default: () => 'rbac',
    trust: 'names',
  }),
  setting<'secret'>({
    name: 'secret',
    group: 'Vault',
    kind: 'text',
    description: 'Secret to use or create; a new one gets a random value unless you pass one',
    example: 'db-password',
    rule: valueRules.secret,
    default: () => 'demo-secret',
    isUnused: withoutVault,
    trust: 'names',
  }),

  setting<'grants'>({
    name: 'grants',
    flag: 'grant',
    group: 'Grants',
    kind: 'list',
    description:
      'Access for the workload: a target and a role, or ROLE@SCOPE; repeatable. Without --vault, replaces the vault',
    placeholder: 'target[=role]',
    example: 'storage:stshop/invoices=reader',
    rule: valueRules.grant,
    optional: true,
    trust: 'names',
  }),

  setting<'createStorage'>({
    name: 'createStorage',
    group: 'Grants',
    kind: 'switch',
    description: 'Create the storage accounts and containers of grants that do not exist',
    example: 'true',
    default: () => false,
    trust: 'names',
  }),

  setting<'sample'>({
    name: 'sample',
    group: 'Sample',
    kind: 'switch',
    description: 'Deploy the sample app, which returns the secret over HTTP',
    example: 'false',
    default: () => true,
    trust: 'names',
  }),
  setting<'sampleImage'>({
    name: 'sampleImage',
    group: 'Sample',
    kind: 'text',
    description: 'Image with Node.js for the sample app; required for Windows',
    placeholder: 'image',
    example: 'node:24-alpine',
    rule: valueRules.plain,
    optional: true,
    defaultNote: 'node:24-alpine, pinned by digest, on Linux',
    trust: { would: 'run this image in the cluster' },
  }),
]

/** Returns the table's entry for a setting. */
export const settingSpec = (name: SettingName): SettingSpec => {
  const spec = settingsTable.find((each) => each.name === name)
  if (!spec) throw new Error(`No such setting: ${name}`)
  return spec
}

const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** Returns the long flag of a setting, or of another option: `--node-count`. */
export const flagOf = (name: string) => `--${kebab(flagName(name))}`

/** Returns the name under which commander has a setting's value. */
export const flagName = (name: string): string =>
  settingsTable.find((each) => each.name === name)?.flag ?? name

/** Returns the environment variable of a setting: `WI_SETUP_NODE_COUNT`. */
export const variableOf = (name: string) => `WI_SETUP_${kebab(name).replaceAll('-', '_').toUpperCase()}`

/** Every setting of a workload in a cluster as `<its-flag>`, to describe a default that is computed from others. */
const placeholders = Object.fromEntries(
  settingsTable.flatMap(({ name }) => (name === 'issuer' ? [] : [[name, `<${kebab(name)}>`]])),
) as unknown as Partial<Settings>

/** Returns how help and docs describe the default; undefined for a setting that must be set or may stay unset. */
export const defaultText = (spec: SettingSpec): string | undefined => {
  if (spec.defaultNote !== undefined) return spec.defaultNote
  const value = spec.default?.({}) ?? spec.default?.(placeholders)
  return value === undefined ? undefined : String(value)
}

/** Returns a vault name that is very likely free, and always the same for this subscription and workload. */
export const suggestVault = (subscription: string, stem: string) =>
  `kv-${stem.replace(/[^a-z0-9]/g, '').slice(0, 13)}-${short(`${subscription}/${stem}`)}`
