import { randomUUID } from 'node:crypto'
import type { JWK } from 'jose'
import type { Cloud } from '../cloud.ts'
import { createCluster, setNodePools, setWorkloadIdentityAddon } from '../kube/clusters.ts'
import { propertiesOf, regionOf } from './cluster-lookup.ts'
import type { ClusterProperties } from './cluster-rules.ts'
import { makeGroup } from './groups.ts'
import { makeIdentity } from './identities.ts'
import { find, findGroup, groupId } from './resources.ts'
import type { Operation, Resource } from './state.ts'

const poolsOf = ({ agentPoolProfiles = [] }: ClusterProperties) =>
  agentPoolProfiles.map(({ name, count, vmSize, osType, mode, powerState }) => ({
    name,
    count: (powerState as { code?: string } | undefined)?.code === 'Stopped' ? 0 : count,
    ...(vmSize && { vmSize }),
    ...(osType && { osType: osType as 'Linux' | 'Windows' }),
    ...(mode && { mode: mode as 'System' | 'User' }),
  }))

/** Makes what stands behind a new cluster: its Kubernetes, and the group that holds its nodes. */
export async function standUp(cloud: Cloud, resource: Resource, signingKeys: JWK[]): Promise<void> {
  const { body } = resource
  const properties = propertiesOf(resource)
  const [region, nodes] = [regionOf(resource), properties.nodeResourceGroup!]
  const enabled = properties.oidcIssuerProfile!.enabled === true
  if (cloud.realCluster) properties.currentKubernetesVersion = await cloud.realCluster.version()
  const { issuer } = await createCluster(cloud, {
    fqdn: properties.fqdn!,
    resourceId: body.id,
    region,
    tenantId: cloud.world.tenant.id,
    version: properties.currentKubernetesVersion!,
    oidcIssuer: enabled,
    pools: poolsOf(properties),
    signingKeys,
  })
  if (enabled) properties.oidcIssuerProfile!.issuerURL = issuer
  if (!findGroup(cloud, nodes))
    makeGroup(cloud, {
      name: nodes,
      region,
      managedBy: body.id,
      tags: {
        'aks-managed-cluster-name': body.name,
        'aks-managed-cluster-rg': body.id.split('/')[4]!,
      },
    })
}

/** The identity by which the nodes pull images; it lives in the node group. */
function kubeletIdentity(cloud: Cloud, resource: Resource) {
  const { body } = makeIdentity(cloud, {
    group: propertiesOf(resource).nodeResourceGroup!,
    name: `${resource.body.name}-agentpool`,
    region: regionOf(resource),
    tags: {},
  })
  const { clientId, principalId } = body.properties
  return { kubeletidentity: { resourceId: body.id, clientId, objectId: principalId } }
}

/** The public address by which the nodes reach the world; it is known once the load balancer stands. */
function giveOutboundAddress(cloud: Cloud, properties: ClusterProperties): void {
  const { loadBalancerProfile } = (properties.networkProfile ?? {}) as {
    loadBalancerProfile?: Record<string, unknown>
  }
  if (loadBalancerProfile)
    loadBalancerProfile.effectiveOutboundIPs ??= [
      {
        id: `${groupId(cloud, properties.nodeResourceGroup!)}/providers/Microsoft.Network/publicIPAddresses/${randomUUID()}`,
      },
    ]
}

/** The end of a create, update, start or stop: the cluster becomes what its body says. */
export function finishCluster(cloud: Cloud, { kind, resourceId, version, removesPool }: Operation): void {
  const found = find(cloud, resourceId)
  if (!found) return
  const properties = propertiesOf(found)
  const fqdn = properties.fqdn!
  const power = kind === 'stopCluster' ? 'Stopped' : kind === 'startCluster' ? 'Running' : undefined
  properties.provisioningState = 'Succeeded'
  if (power) properties.powerState = { code: power }
  if (version && !cloud.realCluster) properties.currentKubernetesVersion = version
  const pools = (properties.agentPoolProfiles ?? []).filter(({ name }) => name !== removesPool)
  properties.agentPoolProfiles = pools
  for (const pool of pools) {
    pool.provisioningState = 'Succeeded'
    if (power) pool.powerState = { code: power }
    if (version) pool.currentOrchestratorVersion = version
    for (const name of ['tags', 'nodeLabels'])
      if (Object.keys(pool[name] ?? {}).length === 0) delete pool[name]
  }
  found.body.eTag = randomUUID()
  // Also by a later update, where the creation was broken off.
  if (kind === 'createCluster' || kind === 'updateCluster') {
    properties.identityProfile ??= kubeletIdentity(cloud, found)
    giveOutboundAddress(cloud, properties)
  }
  const cluster = cloud.world.clusters[fqdn.toLowerCase()]
  if (!cluster || (kind !== 'createCluster' && kind !== 'updateCluster')) return
  if (version) cluster.version = version
  setNodePools(cloud, fqdn, poolsOf(properties))
  setWorkloadIdentityAddon(cloud, fqdn, properties.securityProfile?.workloadIdentity?.enabled === true)
}
