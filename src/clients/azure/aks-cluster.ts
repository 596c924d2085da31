import type { ManagedCluster } from '@azure/arm-containerservice'
import type { AksCluster, AksClusters, NewAksCluster } from '../aks-clusters.ts'
import { resourceGroupOf } from './resource-id.ts'

export const toCluster = (cluster: ManagedCluster): AksCluster => ({
  id: cluster.id ?? '',
  name: cluster.name ?? '',
  group: resourceGroupOf(cluster.id),
  location: cluster.location,
  tags: cluster.tags ?? {},
  kubernetesVersion: cluster.currentKubernetesVersion ?? cluster.kubernetesVersion ?? '',
  state: cluster.provisioningState ?? '',
  running: cluster.powerState?.code !== 'Stopped',
  issuerEnabled: cluster.oidcIssuerProfile?.enabled ?? false,
  issuer: cluster.oidcIssuerProfile?.issuerURL || undefined,
  workloadIdentity: cluster.securityProfile?.workloadIdentity?.enabled ?? false,
  windowsPool: cluster.agentPoolProfiles?.some((pool) => pool.osType === 'Windows') ?? false,
  privateCluster: cluster.apiServerAccessProfile?.enablePrivateCluster ?? false,
  authorizedRanges: cluster.apiServerAccessProfile?.authorizedIPRanges ?? [],
})

/** The names of Windows pools have at most six characters. */
const windowsPool = {
  name: 'win',
  mode: 'User',
  count: 1,
  osType: 'Windows',
  type: 'VirtualMachineScaleSets',
}

/** Returns the request body for a new cluster. */
export const newClusterBody = (options: NewAksCluster): ManagedCluster => {
  const size = options.nodeSize ? { vmSize: options.nodeSize } : {}
  const systemPool = {
    name: 'system',
    mode: 'System',
    count: options.nodeCount,
    osType: 'Linux',
    type: 'VirtualMachineScaleSets',
  }
  return {
    location: options.location,
    tags: options.tags,
    sku: { name: 'Base', tier: 'Free' },
    identity: { type: 'SystemAssigned' },
    dnsPrefix: options.dnsPrefix,
    ...(options.kubernetesVersion ? { kubernetesVersion: options.kubernetesVersion } : {}),
    agentPoolProfiles: [
      { ...systemPool, ...size },
      ...(options.windows ? [{ ...windowsPool, ...size }] : []),
    ],
    // Windows nodes require Azure CNI.
    ...(options.windows ? { networkProfile: { networkPlugin: 'azure', networkPluginMode: 'overlay' } } : {}),
    oidcIssuerProfile: { enabled: true },
    ...(options.workloadIdentity ? { securityProfile: { workloadIdentity: { enabled: true } } } : {}),
  }
}

/** A cluster as ARM returned it, including properties that the SDK's model lacks. */
export interface RawCluster {
  eTag?: string
  properties: {
    agentPoolProfiles?: Record<string, unknown>[]
    oidcIssuerProfile?: { enabled?: boolean }
    securityProfile?: Record<string, unknown>
  }
}

/** Returns the body with the features enabled and all else unchanged. */
export function withFeatures(body: RawCluster, features: Parameters<AksClusters['enable']>[2]): RawCluster {
  const { properties } = body
  const pools = properties.agentPoolProfiles ?? []
  return {
    ...body,
    properties: {
      ...properties,
      // AKS rejects `enabled: false`, even unchanged, so an enabled issuer must be sent as such.
      ...(features.issuer || features.workloadIdentity || properties.oidcIssuerProfile?.enabled
        ? { oidcIssuerProfile: { ...properties.oidcIssuerProfile, enabled: true } }
        : {}),
      ...(features.workloadIdentity
        ? { securityProfile: { ...properties.securityProfile, workloadIdentity: { enabled: true } } }
        : {}),
      ...(features.windowsPool && !pools.some((pool) => pool.osType === 'Windows')
        ? { agentPoolProfiles: [...pools, windowsPool] }
        : {}),
    },
  }
}
