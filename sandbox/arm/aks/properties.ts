import { randomBytes, randomUUID } from 'node:crypto'
import { defaultMinor, minorOrder } from './kubernetes-versions.ts'
import { defaultNetwork } from './network.ts'
import type { ClusterBody, ClusterProperties } from './validation.ts'

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789'
const randomSuffix = () => [...randomBytes(8)].map((byte) => letters[byte % letters.length]).join('')

/** Removes empty strings and nulls, which AKS treats as missing. */
export const withoutEmpty = <T extends object>(object: T | null | undefined): Partial<T> =>
  Object.fromEntries(
    Object.entries(object ?? {}).filter(([, value]) => value !== '' && value !== null),
  ) as Partial<T>

/** Properties that the service sets and ignores in a request. */
const readOnly = [
  'provisioningState',
  'powerState',
  'fqdn',
  'azurePortalFQDN',
  'privateFQDN',
  'currentKubernetesVersion',
  'resourceUID',
  'maxAgentPools',
]

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Merges one level of objects, so that `{ sshAccess }` in a profile keeps the profile's other members. */
const mergeProfiles = (current: Record<string, unknown>, input: Record<string, unknown>) => {
  const merged: Record<string, unknown> = { ...current }
  for (const [name, value] of Object.entries(input)) {
    const old = current[name]
    merged[name] = isObject(old) && isObject(value) ? { ...old, ...value } : value
  }
  return merged
}

export interface ClusterOptions {
  /** The properties before an update. */
  current?: ClusterProperties
  /** AKS Automatic. */
  automatic: boolean
  group: string
  name: string
  region: string
  tenantId: string
}

/** Returns AKS's defaults for a new cluster. */
function newClusterProperties(
  input: ClusterProperties,
  version: string,
  { automatic, group, name, region }: ClusterOptions,
): ClusterProperties {
  const host = input.fqdnSubdomain ?? `${input.dnsPrefix}-${randomSuffix()}`.toLowerCase()
  const access = input.apiServerAccessProfile as { enablePrivateCluster?: boolean } | undefined
  return {
    powerState: { code: 'Running' },
    dnsPrefix: undefined as never,
    fqdn: `${host}.hcp.${region}.azmk8s.io`,
    azurePortalFQDN: `${host}.portal.hcp.${region}.azmk8s.io`,
    ...(access?.enablePrivateCluster === true && {
      privateFQDN: `${host}.${randomUUID()}.privatelink.${region}.azmk8s.io`,
    }),
    servicePrincipalProfile: { clientId: 'msi' },
    nodeResourceGroup: `MC_${group}_${name}_${region}`.slice(0, 80),
    enableRBAC: true,
    supportPlan: 'KubernetesOfficial',
    networkProfile: defaultNetwork(input),
    maxAgentPools: 100,
    autoUpgradeProfile: { nodeOSUpgradeChannel: 'NodeImage' },
    ...(automatic && {
      disableLocalAccounts: true,
      aadProfile: { managed: true, enableAzureRBAC: true },
    }),
    securityProfile: automatic ? { workloadIdentity: { enabled: true } } : {},
    storageProfile: {
      diskCSIDriver: { enabled: true },
      fileCSIDriver: { enabled: true },
      snapshotController: { enabled: true },
    },
    // Since 1.34 new clusters have the issuer by default; AKS Automatic always has it.
    oidcIssuerProfile: { enabled: automatic || minorOrder(version) >= minorOrder('1.34') },
    workloadAutoScalerProfile: {},
    resourceUID: randomBytes(12).toString('hex'),
    metricsProfile: { costAnalysis: { enabled: false } },
    nodeProvisioningProfile: { mode: automatic ? 'Auto' : 'Manual', defaultNodePools: 'Auto' },
    bootstrapProfile: { artifactSource: 'Direct' },
    hostedSystemProfile: { enabled: false },
  }
}

/** Returns the properties of a cluster after a PUT: the request's over the current ones, or over AKS's defaults. */
export function clusterProperties(body: ClusterProperties, options: ClusterOptions): ClusterProperties {
  const { current } = options
  const input = withoutEmpty(body) as ClusterProperties
  for (const name of readOnly) delete input[name]
  if (Object.keys(input.addonProfiles ?? {}).length === 0) delete input.addonProfiles
  if (input.servicePrincipalProfile) delete (input.servicePrincipalProfile as { secret?: string }).secret
  const version = input.kubernetesVersion ?? current?.kubernetesVersion ?? defaultMinor
  const base = current ?? newClusterProperties(input, version, options)
  const merged = mergeProfiles(base, input) as ClusterProperties
  const network = merged.networkProfile as Record<string, unknown>
  for (const kind of ['pod', 'service'])
    if (network[`${kind}Cidr`]) network[`${kind}Cidrs`] = [network[`${kind}Cidr`]]
  if (merged.aadProfile)
    merged.aadProfile = {
      adminGroupObjectIDs: null,
      adminUsers: null,
      enableAzureRBAC: false,
      tenantID: options.tenantId,
      ...(merged.aadProfile as object),
    }
  merged.kubernetesVersion = version
  merged.oidcIssuerProfile = {
    enabled: input.oidcIssuerProfile?.enabled ?? base.oidcIssuerProfile?.enabled ?? false,
    ...(base.oidcIssuerProfile?.issuerURL && { issuerURL: base.oidcIssuerProfile.issuerURL }),
  }
  return JSON.parse(JSON.stringify(merged)) as ClusterProperties
}

/** Returns the `sku` of a cluster after a PUT. */
export const mergeSku = (input: ClusterBody['sku'], current: unknown): { name: string; tier: string } => {
  const old = current as { name: string; tier: string } | undefined
  const name = input?.name || old?.name || 'Base'
  return { name, tier: input?.tier || old?.tier || (name === 'Automatic' ? 'Standard' : 'Free') }
}
