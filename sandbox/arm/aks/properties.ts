import { randomBytes, randomUUID } from 'node:crypto'
import { defaultMinor, minorOrder } from './kubernetes-versions.ts'
import type { ClusterBody, ClusterProperties, Pool } from './validation.ts'

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789'
const suffix = () => [...randomBytes(8)].map((byte) => letters[byte % letters.length]).join('')

/** Empty strings and nulls mean: not said. */
const said = <T extends object>(object: T | null | undefined): Partial<T> =>
  Object.fromEntries(
    Object.entries(object ?? {}).filter(([, value]) => value !== '' && value !== null),
  ) as Partial<T>

const poolDefaults = {
  count: 1,
  vmSize: 'Standard_D2s_v5',
  osDiskSizeGB: 128,
  osDiskType: 'Managed',
  kubeletDiskType: 'OS',
  type: 'VirtualMachineScaleSets',
  scaleDownMode: 'Delete',
  enableNodePublicIP: false,
  mode: 'User',
  osType: 'Linux',
  osSKU: 'Ubuntu',
  nodeImageVersion: 'AKSUbuntu-2204gen2containerd-202611.02.0',
  upgradeSettings: { maxSurge: '10%', maxUnavailable: '0' },
  enableFIPS: false,
  securityProfile: { sshAccess: 'LocalUser', enableVTPM: false, enableSecureBoot: false },
}

/** What a pool asks for. The settings of spot nodes mean nothing on others, empty lists and a disk size of 0 nothing at all. */
const heardFrom = (pool: Pool): Partial<Pool> => {
  const heard = said(pool)
  if (heard.scaleSetPriority !== 'Spot')
    for (const name of ['scaleSetPriority', 'scaleSetEvictionPolicy', 'spotMaxPrice']) delete heard[name]
  for (const [name, value] of Object.entries(heard))
    if ((Array.isArray(value) && value.length === 0) || (name === 'osDiskSizeGB' && value === 0))
      delete heard[name]
  return heard
}

/** Pools with their defaults; those that exist already keep what is not said. */
export const mergePools = (
  sent: Pool[] | undefined,
  of: { has: Pool[]; version: string; patch: string; state: string; maxPods: number },
): Pool[] => {
  return (sent ?? of.has).map((pool) => {
    const old = of.has.find(({ name }) => name === pool.name)
    const heard = heardFrom(pool)
    return {
      ...poolDefaults,
      maxPods: of.maxPods,
      ...(old && { enableAutoScaling: false }),
      ...old,
      ...heard,
      upgradeSettings: {
        ...poolDefaults.upgradeSettings,
        ...(heard.upgradeSettings ?? old?.upgradeSettings ?? {}),
      },
      name: pool.name,
      orchestratorVersion: pool.orchestratorVersion || old?.orchestratorVersion || of.version,
      currentOrchestratorVersion: old?.currentOrchestratorVersion ?? of.patch,
      provisioningState: of.state,
      powerState: heard.powerState ?? old?.powerState ?? { code: 'Running' },
      eTag: randomUUID(),
    } as Pool
  })
}

/** Members that the service sets; what a client sends back for them is not heard. */
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

const poolCidr = { podCidr: '10.244.0.0/16', podCidrs: ['10.244.0.0/16'] }

/** The network that AKS makes for a plugin; without one, Azure CNI overlay. */
const networkFor = (sent: ClusterProperties): Record<string, unknown> => {
  const { networkPlugin: plugin = 'azure', networkPluginMode: mode } = (sent.networkProfile ?? {}) as Record<
    string,
    string
  >
  const overlay =
    plugin === 'azure' &&
    (mode === 'overlay' ||
      !sent.networkProfile ||
      !(sent.networkProfile as { networkPlugin?: string }).networkPlugin)
  return {
    networkPlugin: plugin,
    ...(overlay && { networkPluginMode: 'overlay' }),
    networkPolicy: 'none',
    ...(plugin === 'azure' && { networkDataplane: 'azure' }),
    loadBalancerSku: 'standard',
    loadBalancerProfile: { managedOutboundIPs: { count: 1 }, backendPoolType: 'nodeIPConfiguration' },
    ...(overlay || plugin === 'kubenet' ? poolCidr : {}),
    serviceCidr: '10.0.0.0/16',
    dnsServiceIP: '10.0.0.10',
    outboundType: 'loadBalancer',
    serviceCidrs: ['10.0.0.0/16'],
    ipFamilies: ['IPv4'],
  }
}

/** Pods on a node unless the pool says: by the addresses that its kind of network has. */
export const podsPerNode = ({ networkProfile }: ClusterProperties): number => {
  const { networkPlugin, networkPluginMode } = networkProfile as Record<string, string>
  return networkPlugin === 'azure' ? (networkPluginMode === 'overlay' ? 250 : 30) : 110
}

/** Overlays one level of objects, so that `{ sshAccess }` in a profile does not lose its other members. */
const overlay = (has: Record<string, unknown>, sent: Record<string, unknown>) => {
  const merged: Record<string, unknown> = { ...has }
  for (const [name, value] of Object.entries(sent)) {
    const old = has[name]
    const isObject = (each: unknown): each is object =>
      typeof each === 'object' && each !== null && !Array.isArray(each)
    merged[name] = isObject(old) && isObject(value) ? { ...old, ...value } : value
  }
  return merged
}

/** The properties of a cluster after a PUT: what it has, what was sent, AKS's defaults for the rest. */
export function clusterProperties(
  sent: ClusterProperties,
  of: {
    has?: ClusterProperties
    automatic: boolean
    group: string
    name: string
    region: string
    tenantId: string
  },
): ClusterProperties {
  const { has, automatic, region } = of
  const heard = said(sent) as ClusterProperties
  for (const name of readOnly) delete heard[name]
  if (Object.keys(heard.addonProfiles ?? {}).length === 0) delete heard.addonProfiles
  if (heard.servicePrincipalProfile) delete (heard.servicePrincipalProfile as { secret?: string }).secret
  const version = heard.kubernetesVersion ?? has?.kubernetesVersion ?? defaultMinor
  const host = heard.fqdnSubdomain ?? `${heard.dnsPrefix}-${suffix()}`.toLowerCase()
  const isPrivate =
    (heard.apiServerAccessProfile as { enablePrivateCluster?: boolean } | undefined)?.enablePrivateCluster ===
    true
  const start: ClusterProperties = has ?? {
    powerState: { code: 'Running' },
    dnsPrefix: undefined as never,
    fqdn: `${host}.hcp.${region}.azmk8s.io`,
    azurePortalFQDN: `${host}.portal.hcp.${region}.azmk8s.io`,
    ...(isPrivate && { privateFQDN: `${host}.${randomUUID()}.privatelink.${region}.azmk8s.io` }),
    servicePrincipalProfile: { clientId: 'msi' },
    nodeResourceGroup: `MC_${of.group}_${of.name}_${region}`.slice(0, 80),
    enableRBAC: true,
    supportPlan: 'KubernetesOfficial',
    networkProfile: networkFor(heard),
    maxAgentPools: 100,
    autoUpgradeProfile: { nodeOSUpgradeChannel: 'NodeImage' },
    ...(automatic && { disableLocalAccounts: true }),
    securityProfile: automatic ? { workloadIdentity: { enabled: true } } : {},
    storageProfile: {
      diskCSIDriver: { enabled: true },
      fileCSIDriver: { enabled: true },
      snapshotController: { enabled: true },
    },
    // Since 1.34 new clusters have the issuer unless told otherwise; AKS Automatic always has it.
    oidcIssuerProfile: { enabled: automatic || minorOrder(version) >= minorOrder('1.34') },
    workloadAutoScalerProfile: {},
    resourceUID: randomBytes(12).toString('hex'),
    metricsProfile: { costAnalysis: { enabled: false } },
    nodeProvisioningProfile: { mode: automatic ? 'Auto' : 'Manual', defaultNodePools: 'Auto' },
    bootstrapProfile: { artifactSource: 'Direct' },
    hostedSystemProfile: { enabled: false },
  }
  const merged = overlay(start, heard) as ClusterProperties
  const network = merged.networkProfile as Record<string, unknown>
  for (const kind of ['pod', 'service'])
    if (network[`${kind}Cidr`]) network[`${kind}Cidrs`] = [network[`${kind}Cidr`]]
  if (merged.aadProfile)
    merged.aadProfile = {
      adminGroupObjectIDs: null,
      adminUsers: null,
      enableAzureRBAC: false,
      tenantID: of.tenantId,
      ...(merged.aadProfile as object),
    }
  merged.kubernetesVersion = version
  merged.oidcIssuerProfile = {
    enabled: heard.oidcIssuerProfile?.enabled ?? start.oidcIssuerProfile?.enabled ?? false,
    ...(start.oidcIssuerProfile?.issuerURL && { issuerURL: start.oidcIssuerProfile.issuerURL }),
  }
  return JSON.parse(JSON.stringify(merged)) as ClusterProperties
}

/** `sku` as answered. */
export const mergeSku = (sent: ClusterBody['sku'], has: unknown): { name: string; tier: string } => {
  const old = has as { name: string; tier: string } | undefined
  const name = sent?.name || old?.name || 'Base'
  return { name, tier: sent?.tier || old?.tier || (name === 'Automatic' ? 'Standard' : 'Free') }
}
