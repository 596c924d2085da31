import type { Reply } from '../../http.ts'
import { AksError } from '../errors.ts'
import { listBody } from '../lists.ts'
import { startOperation } from '../operations.ts'
import type { ArmRequest, ArmRoute } from '../request.ts'
import { parseBody, type Shape } from '../request-body.ts'
import type { Operation, Resource } from '../state.ts'
import { minorOrder, patchFor } from './kubernetes-versions.ts'
import {
  acceptedHeaders,
  jsonHeaders,
  operationHeaders,
  poolsOf,
  propertiesOf,
  regionOf,
  requireCluster,
  requireIdle,
  requirePool,
  requireRunning,
} from './lookup.ts'
import { podsPerNode } from './network.ts'
import { mergePools } from './pool-properties.ts'
import { checkPools, invalid, type Pool } from './validation.ts'
import { checkQuota } from './vcpu-quota.ts'

const poolView = (cluster: Resource, { name, eTag: _, ...properties }: Pool) => ({
  id: `${cluster.body.id}/agentPools/${name}`,
  name,
  type: 'Microsoft.ContainerService/managedClusters/agentPools',
  properties,
})

function list(request: ArmRequest): Reply {
  const cluster = requireCluster(request)
  const pools = poolsOf(cluster).map((pool) => poolView(cluster, pool))
  return { status: 200, headers: jsonHeaders, body: listBody(request, pools) }
}

function get(request: ArmRequest): Reply {
  const cluster = requireCluster(request)
  return { status: 200, headers: jsonHeaders, body: poolView(cluster, requirePool(request, cluster)) }
}

const poolShape: Shape = {
  properties: {
    count: 'number',
    mode: 'string',
    osType: 'string',
    vmSize: 'string',
    orchestratorVersion: 'string',
  },
}

/** Changes the pools of a cluster. The operation is the cluster's, as if its complete body had been put. */
function updatePools(
  { simulator }: ArmRequest,
  cluster: Resource,
  pools: Pool[],
  removesPool?: string,
): Operation {
  const properties = propertiesOf(cluster)
  checkPools(pools.filter(({ name }) => name !== removesPool))
  checkQuota(simulator, cluster.body.id, regionOf(cluster), { ...properties, agentPoolProfiles: pools })
  properties.agentPoolProfiles = pools
  properties.provisioningState = 'Updating'
  const resource = { id: cluster.body.id, region: regionOf(cluster) }
  const operation = startOperation(simulator, 'updateCluster', resource, 'clusterUpdate')
  if (removesPool !== undefined) operation.removesPool = removesPool
  return operation
}

function requireIdleCluster(request: ArmRequest): Resource {
  const cluster = requireCluster(request)
  requireIdle(request.simulator, cluster)
  requireRunning(cluster)
  return cluster
}

/** Returns the version of a pool. It may be older than its cluster's, never newer. */
function poolVersion(cluster: Resource, requested: string | undefined): string {
  const { kubernetesVersion, currentKubernetesVersion = '', supportPlan } = propertiesOf(cluster)
  if (!requested || requested === kubernetesVersion) return currentKubernetesVersion
  const version = patchFor(requested, { cluster: cluster.body.name, supportPlan })
  if (minorOrder(version) > minorOrder(currentKubernetesVersion))
    throw invalid(
      'agentPoolProfile.orchestratorVersion',
      `Node pool version ${version} is newer than the control plane's ${currentKubernetesVersion}.`,
    )
  return version
}

function put(request: ArmRequest): Reply {
  const cluster = requireIdleCluster(request)
  const properties = propertiesOf(cluster)
  const current = poolsOf(cluster)
  const name = request.params.pool!
  const input = parseBody<{ properties?: Pool }>(request.call, poolShape).properties
  const old = current.find((pool) => pool.name === name)
  const version = poolVersion(cluster, input?.orchestratorVersion as string | undefined)
  const [pool] = mergePools([{ ...input, name } as Pool], {
    current,
    version: properties.kubernetesVersion!,
    patch: version,
    state: old ? 'Updating' : 'Creating',
    maxPods: podsPerNode(properties),
  }) as [Pool]
  pool.currentOrchestratorVersion = version
  if (old && old.vmSize !== pool.vmSize)
    throw new AksError(
      400,
      'PropertyChangeNotAllowed',
      "Changing property 'properties.vmSize' is not allowed.",
      { target: 'properties.vmSize' },
    )
  const pools = old ? current.map((each) => (each === old ? pool : each)) : [...current, pool]
  const operation = updatePools(request, cluster, pools)
  return {
    status: old ? 200 : 201,
    headers: operationHeaders(request, operation),
    body: poolView(cluster, pool),
  }
}

function remove(request: ArmRequest): Reply {
  const { pool: name } = request.params
  const cluster = requireCluster(request)
  if (!poolsOf(cluster).some((pool) => pool.name === name)) return { status: 204 }
  requireIdleCluster(request)
  const pools = poolsOf(cluster).map((pool) =>
    pool.name === name ? { ...pool, provisioningState: 'Deleting' } : pool,
  )
  return {
    status: 202,
    headers: acceptedHeaders(request, updatePools(request, cluster, pools, name)),
  }
}

const path =
  '/subscriptions/:subscription/resourceGroups/:group/providers/Microsoft.ContainerService/managedClusters/:cluster/agentPools'

export const agentPoolRoutes: ArmRoute[] = [
  { method: 'GET', path, handler: list },
  { method: 'PUT', path: `${path}/:pool`, handler: put },
  { method: 'GET', path: `${path}/:pool`, handler: get },
  { method: 'DELETE', path: `${path}/:pool`, handler: remove },
]
