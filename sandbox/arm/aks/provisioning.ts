import { randomUUID } from 'node:crypto'
import type { JWK } from 'jose'
import { createCluster, setAdminGroups, setNodePools, setWorkloadIdentityAddon } from '../../kube/clusters.ts'
import type { Simulator } from '../../simulator.ts'
import { createIdentity } from '../identity/identities.ts'
import { createGroup } from '../resources/groups.ts'
import { findGroup, findResource, groupId } from '../resources/resources.ts'
import type { Operation, Resource } from '../state.ts'
import { poolsOf, propertiesOf, regionOf } from './lookup.ts'
import type { ClusterProperties, Pool } from './validation.ts'

const nodePools = (pools: Pool[]) =>
  pools.map(({ name, count, vmSize, osType, mode, powerState }) => ({
    name,
    count: (powerState as { code?: string } | undefined)?.code === 'Stopped' ? 0 : count,
    ...(vmSize && { vmSize }),
    ...(osType && { osType: osType as 'Linux' | 'Windows' }),
    ...(mode && { mode: mode as 'System' | 'User' }),
  }))

/** Creates what a new cluster consists of: its Kubernetes API server, and its node resource group. */
export async function provisionCluster(
  simulator: Simulator,
  cluster: Resource,
  signingKeys: JWK[],
): Promise<void> {
  const { body } = cluster
  const properties = propertiesOf(cluster)
  const [region, nodeGroup] = [regionOf(cluster), properties.nodeResourceGroup!]
  const hasIssuer = properties.oidcIssuerProfile!.enabled === true
  if (simulator.realCluster) properties.currentKubernetesVersion = await simulator.realCluster.version()
  const { issuer } = await createCluster(simulator, {
    fqdn: properties.fqdn!,
    resourceId: body.id,
    region,
    tenantId: simulator.state.tenant.id,
    version: properties.currentKubernetesVersion!,
    oidcIssuer: hasIssuer,
    pools: nodePools(poolsOf(cluster)),
    signingKeys,
  })
  if (hasIssuer) properties.oidcIssuerProfile!.issuerURL = issuer
  if (!findGroup(simulator, body.id, nodeGroup))
    createGroup(simulator, {
      id: groupId(body.id, nodeGroup),
      region,
      managedBy: body.id,
      tags: {
        'aks-managed-cluster-name': body.name,
        'aks-managed-cluster-rg': body.id.split('/')[4]!,
      },
    })
}

/** Creates the identity that the nodes pull images with, in the node resource group. */
function createKubeletIdentity(simulator: Simulator, cluster: Resource) {
  const { body } = createIdentity(simulator, {
    groupId: groupId(cluster.body.id, propertiesOf(cluster).nodeResourceGroup!),
    name: `${cluster.body.name}-agentpool`,
    region: regionOf(cluster),
    tags: {},
  })
  const { clientId, principalId } = body.properties
  return { kubeletidentity: { resourceId: body.id, clientId, objectId: principalId } }
}

/** Adds the public address of the nodes' outbound traffic, which exists once the load balancer does. */
function addOutboundAddress(clusterId: string, properties: ClusterProperties): void {
  const { loadBalancerProfile } = (properties.networkProfile ?? {}) as {
    loadBalancerProfile?: Record<string, unknown>
  }
  if (loadBalancerProfile)
    loadBalancerProfile.effectiveOutboundIPs ??= [
      {
        id: `${groupId(clusterId, properties.nodeResourceGroup!)}/providers/Microsoft.Network/publicIPAddresses/${randomUUID()}`,
      },
    ]
}

const powerStates: Record<string, string> = { stopCluster: 'Stopped', startCluster: 'Running' }

/** Finishes the pools of an operation. */
function finishPools(properties: ClusterProperties, { kind, version, removesPool }: Operation): void {
  const pools = (properties.agentPoolProfiles ?? []).filter(({ name }) => name !== removesPool)
  properties.agentPoolProfiles = pools
  const power = powerStates[kind]
  for (const pool of pools) {
    pool.provisioningState = 'Succeeded'
    if (power) pool.powerState = { code: power }
    if (version) pool.currentOrchestratorVersion = version
    for (const name of ['tags', 'nodeLabels'])
      if (Object.keys(pool[name] ?? {}).length === 0) delete pool[name]
  }
}

/** Finishes a create, update, start, stop or key rotation: the cluster becomes what its body says. */
export function finishCluster(simulator: Simulator, operation: Operation): void {
  const { kind, resourceId, version } = operation
  const cluster = findResource(simulator, resourceId)
  if (!cluster) return
  const properties = propertiesOf(cluster)
  properties.provisioningState = 'Succeeded'
  if (powerStates[kind]) properties.powerState = { code: powerStates[kind] }
  if (version && !simulator.realCluster) properties.currentKubernetesVersion = version
  finishPools(properties, operation)
  cluster.body.eTag = randomUUID()
  if (kind !== 'createCluster' && kind !== 'updateCluster') return
  // An update also completes a creation that was aborted.
  properties.identityProfile ??= createKubeletIdentity(simulator, cluster)
  addOutboundAddress(cluster.body.id, properties)
  const fqdn = properties.fqdn!
  const kubernetes = simulator.state.clusters[fqdn.toLowerCase()]
  if (!kubernetes) return
  if (version) kubernetes.version = version
  setNodePools(simulator, fqdn, nodePools(poolsOf(cluster)))
  const { adminGroupObjectIDs } = (properties.aadProfile ?? {}) as { adminGroupObjectIDs?: string[] | null }
  setAdminGroups(simulator, fqdn, adminGroupObjectIDs ?? [])
  setWorkloadIdentityAddon(simulator, fqdn, properties.securityProfile?.workloadIdentity?.enabled === true)
}
