import type { Reply } from '../../http.ts'
import type { ArmRequest, ArmRoute } from '../request.ts'
import { upgradesFrom } from './kubernetes-versions.ts'
import { jsonHeaders, poolsOf, propertiesOf, requireCluster, requirePool } from './lookup.ts'
import type { Pool } from './validation.ts'

const upgrades = (version: string) =>
  upgradesFrom(version).map((kubernetesVersion) => ({ kubernetesVersion, isPreview: false }))

const profile = (version: string, osType = 'Linux') => ({
  kubernetesVersion: version,
  osType,
  upgrades: upgrades(version),
})

const poolProfile = (pool: Pool) => profile(String(pool.currentOrchestratorVersion), pool.osType)

const reply = (request: ArmRequest, type: string, properties: unknown): Reply => ({
  status: 200,
  headers: jsonHeaders,
  body: {
    id: request.id,
    name: 'default',
    type: `Microsoft.ContainerService/managedClusters/${type}`,
    properties,
  },
})

function clusterUpgrades(request: ArmRequest): Reply {
  const cluster = requireCluster(request)
  return reply(request, 'upgradeProfiles', {
    controlPlaneProfile: profile(propertiesOf(cluster).currentKubernetesVersion ?? ''),
    agentPoolProfiles: poolsOf(cluster).map((pool) => ({ name: pool.name, ...poolProfile(pool) })),
  })
}

function poolUpgrades(request: ArmRequest): Reply {
  const pool = requirePool(request, requireCluster(request))
  return reply(request, 'agentPools/upgradeProfiles', {
    ...poolProfile(pool),
    latestNodeImageVersion: pool.nodeImageVersion,
  })
}

const cluster =
  '/subscriptions/:subscription/resourceGroups/:group/providers/Microsoft.ContainerService/managedClusters/:cluster'

export const upgradeProfileRoutes: ArmRoute[] = [
  { method: 'GET', path: `${cluster}/upgradeProfiles/default`, handler: clusterUpgrades },
  { method: 'GET', path: `${cluster}/agentPools/:pool/upgradeProfiles/default`, handler: poolUpgrades },
]
