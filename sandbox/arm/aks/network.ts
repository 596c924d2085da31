import type { ClusterProperties } from './validation.ts'

const podCidrs = { podCidr: '10.244.0.0/16', podCidrs: ['10.244.0.0/16'] }

/** Returns the network profile that AKS chooses for a plugin (default: Azure CNI overlay). */
export const defaultNetwork = ({ networkProfile }: ClusterProperties): Record<string, unknown> => {
  const requested = (networkProfile ?? {}) as Record<string, string>
  const { networkPlugin: plugin = 'azure', networkPluginMode: mode } = requested
  const overlay = plugin === 'azure' && (mode === 'overlay' || !requested.networkPlugin)
  return {
    networkPlugin: plugin,
    ...(overlay && { networkPluginMode: 'overlay' }),
    networkPolicy: 'none',
    ...(plugin === 'azure' && { networkDataplane: 'azure' }),
    loadBalancerSku: 'standard',
    loadBalancerProfile: { managedOutboundIPs: { count: 1 }, backendPoolType: 'nodeIPConfiguration' },
    ...(overlay || plugin === 'kubenet' ? podCidrs : {}),
    serviceCidr: '10.0.0.0/16',
    dnsServiceIP: '10.0.0.10',
    outboundType: 'loadBalancer',
    serviceCidrs: ['10.0.0.0/16'],
    ipFamilies: ['IPv4'],
  }
}

/** Returns the default for a pool's `maxPods`, which depends on the addresses of the network. */
export const podsPerNode = ({ networkProfile }: ClusterProperties): number => {
  const { networkPlugin, networkPluginMode } = networkProfile as Record<string, string>
  return networkPlugin === 'azure' ? (networkPluginMode === 'overlay' ? 250 : 30) : 110
}
