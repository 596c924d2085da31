import { randomBytes, randomUUID } from 'node:crypto'
import type { ClusterProperties, Pool, SentCluster } from './cluster-rules.ts'
import { defaultMinor, order } from './kubernetes-versions.ts'

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
  maxPods: 250,
  type: 'VirtualMachineScaleSets',
  enableAutoScaling: false,
  scaleDownMode: 'Delete',
  enableNodePublicIP: false,
  mode: 'User',
  enableEncryptionAtHost: false,
  enableUltraSSD: false,
  osType: 'Linux',
  osSKU: 'Ubuntu',
  nodeImageVersion: 'AKSUbuntu-2204gen2containerd-202611.02.0',
  upgradeSettings: { maxSurge: '10%', maxUnavailable: '0' },
  enableFIPS: false,
  securityProfile: { sshAccess: 'LocalUser', enableVTPM: false, enableSecureBoot: false },
}

/** Pools with their defaults; those that exist already keep what is not said. */
export const poolsFrom = (
  sent: Pool[] | undefined,
  of: { has: Pool[]; version: string; patch: string; state: string },
): Pool[] => {
  return (sent ?? of.has).map((pool) => {
    const old = of.has.find(({ name }) => name === pool.name)
    return {
      ...poolDefaults,
      ...old,
      ...said(pool),
      name: pool.name,
      orchestratorVersion: pool.orchestratorVersion || old?.orchestratorVersion || of.version,
      currentOrchestratorVersion: old?.currentOrchestratorVersion ?? of.patch,
      provisioningState: of.state,
      powerState: old?.powerState ?? { code: 'Running' },
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
  of: { has?: ClusterProperties; automatic: boolean; group: string; name: string; region: string },
): ClusterProperties {
  const { has, automatic, region } = of
  const heard = said(sent) as ClusterProperties
  for (const name of readOnly) delete heard[name]
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
    networkProfile: {
      networkPlugin: 'azure',
      networkPluginMode: 'overlay',
      networkPolicy: 'none',
      networkDataplane: 'azure',
      loadBalancerSku: 'standard',
      loadBalancerProfile: { managedOutboundIPs: { count: 1 }, backendPoolType: 'nodeIPConfiguration' },
      podCidr: '10.244.0.0/16',
      serviceCidr: '10.0.0.0/16',
      dnsServiceIP: '10.0.0.10',
      outboundType: 'loadBalancer',
      podCidrs: ['10.244.0.0/16'],
      serviceCidrs: ['10.0.0.0/16'],
      ipFamilies: ['IPv4'],
    },
    maxAgentPools: 100,
    autoUpgradeProfile: { nodeOSUpgradeChannel: 'NodeImage' },
    disableLocalAccounts: automatic,
    securityProfile: automatic ? { workloadIdentity: { enabled: true } } : {},
    storageProfile: {
      diskCSIDriver: { enabled: true },
      fileCSIDriver: { enabled: true },
      snapshotController: { enabled: true },
    },
    // Since 1.34 new clusters have the issuer unless told otherwise; AKS Automatic always has it.
    oidcIssuerProfile: { enabled: automatic || order(version) >= order('1.34') },
    workloadAutoScalerProfile: {},
    resourceUID: randomBytes(12).toString('hex'),
    metricsProfile: { costAnalysis: { enabled: false } },
    nodeProvisioningProfile: { mode: automatic ? 'Auto' : 'Manual', defaultNodePools: 'Auto' },
    bootstrapProfile: { artifactSource: 'Direct' },
  }
  const merged = overlay(start, heard) as ClusterProperties
  merged.kubernetesVersion = version
  merged.oidcIssuerProfile = {
    enabled: heard.oidcIssuerProfile?.enabled ?? start.oidcIssuerProfile?.enabled ?? false,
    ...(start.oidcIssuerProfile?.issuerURL && { issuerURL: start.oidcIssuerProfile.issuerURL }),
  }
  return JSON.parse(JSON.stringify(merged)) as ClusterProperties
}

/** `sku` as answered. */
export const skuFrom = (sent: SentCluster['sku'], has: unknown): { name: string; tier: string } => {
  const old = has as { name: string; tier: string } | undefined
  const name = sent?.name || old?.name || 'Base'
  return { name, tier: sent?.tier || old?.tier || (name === 'Automatic' ? 'Standard' : 'Free') }
}
