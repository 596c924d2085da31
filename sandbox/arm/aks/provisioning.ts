import { randomUUID } from 'node:crypto'
import type { JWK } from 'jose'
import { createCluster, setNodePools, setWorkloadIdentityAddon } from '../../kube/clusters.ts'
import type { Simulator } from '../../simulator.ts'
import { createIdentity } from '../identity/identities.ts'
import { createGroup } from '../resources/groups.ts'
import { findGroup, findResource, groupId } from '../resources/resources.ts'
import type { Operation, Resource } from '../state.ts'
import { propertiesOf, regionOf } from './lookup.ts'
import type { ClusterProperties } from './validation.ts'

const poolsOf = ({ agentPoolProfiles = [] }: ClusterProperties) =>
  agentPoolProfiles.map(({ name, count, vmSize, osType, mode, powerState }) => ({
    name,
    count: (powerState as { code?: string } | undefined)?.code === 'Stopped' ? 0 : count,
    ...(vmSize && { vmSize }),
    ...(osType && { osType: osType as 'Linux' | 'Windows' }),
    ...(mode && { mode: mode as 'System' | 'User' }),
  }))

/** Makes what stands behind a new cluster: its Kubernetes, and the group that holds its nodes. */
export async function provisionCluster(
  simulator: Simulator,
  resource: Resource,
  signingKeys: JWK[],
): Promise<void> {
  const { body } = resource
  const properties = propertiesOf(resource)
  const [region, nodes] = [regionOf(resource), properties.nodeResourceGroup!]
  const enabled = properties.oidcIssuerProfile!.enabled === true
  if (simulator.realCluster) properties.currentKubernetesVersion = await simulator.realCluster.version()
  const { issuer } = await createCluster(simulator, {
    fqdn: properties.fqdn!,
    resourceId: body.id,
    region,
    tenantId: simulator.state.tenant.id,
    version: properties.currentKubernetesVersion!,
    oidcIssuer: enabled,
    pools: poolsOf(properties),
    signingKeys,
  })
  if (enabled) properties.oidcIssuerProfile!.issuerURL = issuer
  if (!findGroup(simulator, nodes))
    createGroup(simulator, {
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
function kubeletIdentity(simulator: Simulator, resource: Resource) {
  const { body } = createIdentity(simulator, {
    group: propertiesOf(resource).nodeResourceGroup!,
    name: `${resource.body.name}-agentpool`,
    region: regionOf(resource),
    tags: {},
  })
  const { clientId, principalId } = body.properties
  return { kubeletidentity: { resourceId: body.id, clientId, objectId: principalId } }
}

/** The public address by which the nodes reach the world; it is known once the load balancer stands. */
function giveOutboundAddress(simulator: Simulator, properties: ClusterProperties): void {
  const { loadBalancerProfile } = (properties.networkProfile ?? {}) as {
    loadBalancerProfile?: Record<string, unknown>
  }
  if (loadBalancerProfile)
    loadBalancerProfile.effectiveOutboundIPs ??= [
      {
        id: `${groupId(simulator, properties.nodeResourceGroup!)}/providers/Microsoft.Network/publicIPAddresses/${randomUUID()}`,
      },
    ]
}

/** The end of a create, update, start or stop: the cluster becomes what its body says. */
export function finishCluster(
  simulator: Simulator,
  { kind, resourceId, version, removesPool }: Operation,
): void {
  const found = findResource(simulator, resourceId)
  if (!found) return
  const properties = propertiesOf(found)
  const fqdn = properties.fqdn!
  const power = kind === 'stopCluster' ? 'Stopped' : kind === 'startCluster' ? 'Running' : undefined
  properties.provisioningState = 'Succeeded'
  if (power) properties.powerState = { code: power }
  if (version && !simulator.realCluster) properties.currentKubernetesVersion = version
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
    properties.identityProfile ??= kubeletIdentity(simulator, found)
    giveOutboundAddress(simulator, properties)
  }
  const cluster = simulator.state.clusters[fqdn.toLowerCase()]
  if (!cluster || (kind !== 'createCluster' && kind !== 'updateCluster')) return
  if (version) cluster.version = version
  setNodePools(simulator, fqdn, poolsOf(properties))
  setWorkloadIdentityAddon(simulator, fqdn, properties.securityProfile?.workloadIdentity?.enabled === true)
}
