import type { Reply } from '../../http.ts'
import { AksError } from '../errors.ts'
import { listBody } from '../lists.ts'
import { startOperation } from '../operations.ts'
import type { ArmRequest, ArmRoute } from '../request.ts'
import { parseBody, type Shape } from '../request-body.ts'
import type { Operation, Resource } from '../state.ts'
import { minorOrder, patchFor, upgradesFrom } from './kubernetes-versions.ts'
import {
  acceptedHeaders,
  jsonHeaders as headers,
  operationHeaders,
  propertiesOf,
  regionOf,
  requireCluster,
  requireIdle,
  requireRunning,
} from './lookup.ts'
import { mergePools, podsPerNode } from './properties.ts'
import { type ClusterProperties, checkPools, invalid, type Pool } from './validation.ts'
import { checkQuota } from './vcpu-quota.ts'

const body = (cluster: Resource, { name, eTag: _, ...properties }: Pool) => ({
  id: `${cluster.body.id}/agentPools/${name}`,
  name,
  type: 'Microsoft.ContainerService/managedClusters/agentPools',
  properties,
})

const poolsOf = ({ body }: Resource) => (body.properties as ClusterProperties).agentPoolProfiles ?? []

function list(request: ArmRequest): Reply {
  const cluster = requireCluster(request)
  const pools = poolsOf(cluster).map((pool) => body(cluster, pool))
  return { status: 200, headers, body: listBody(request, pools) }
}

function known(request: ArmRequest, cluster: Resource): Pool {
  const pool = poolsOf(cluster).find(({ name }) => name === request.params.pool)
  if (!pool)
    throw new AksError(
      404,
      'NotFound',
      `Could not find the agentpool: ${request.params.pool} in subscription: ${request.simulator.state.subscription.id}, resourceGroup: ${cluster.body.id.split('/')[4]}, resourceName: ${cluster.body.name}.`,
      {
        details: [{ code: 'Unspecified', message: 'rpc error: code = NotFound desc = Agent Pool not found' }],
        subcode: 'GetAgentPool_NotFound_HCPServerError',
      },
    )
  return pool
}

function get(request: ArmRequest): Reply {
  const cluster = requireCluster(request)
  return { status: 200, headers, body: body(cluster, known(request, cluster)) }
}

const shape: Shape = {
  properties: {
    count: 'number',
    mode: 'string',
    osType: 'string',
    vmSize: 'string',
    orchestratorVersion: 'string',
  },
}

/** Changes a cluster by one pool: the operation is the cluster's, as if its whole body had been put. */
function change(request: ArmRequest, cluster: Resource, pools: Pool[], removesPool?: string): Operation {
  const { simulator } = request
  const properties = propertiesOf(cluster)
  checkPools(pools.filter(({ name }) => name !== removesPool))
  checkQuota(simulator, cluster.body.id, regionOf(cluster), { ...properties, agentPoolProfiles: pools })
  properties.agentPoolProfiles = pools
  properties.provisioningState = 'Updating'
  const on = { id: cluster.body.id, region: regionOf(cluster) }
  const operation = startOperation(simulator, 'updateCluster', on, 'clusterUpdate')
  if (removesPool !== undefined) operation.removesPool = removesPool
  return operation
}

function idle(request: ArmRequest): Resource {
  const cluster = requireCluster(request)
  requireIdle(request.simulator, cluster)
  requireRunning(cluster)
  return cluster
}

/** A pool's version may be older than its cluster's, never newer. */
function versionOf(cluster: Resource, asked: string | undefined): string {
  const { kubernetesVersion, currentKubernetesVersion = '', supportPlan } = propertiesOf(cluster)
  if (!asked || asked === kubernetesVersion) return currentKubernetesVersion
  const version = patchFor(asked, { cluster: cluster.body.name, supportPlan })
  if (minorOrder(version) > minorOrder(currentKubernetesVersion))
    throw invalid(
      'agentPoolProfile.orchestratorVersion',
      `Node pool version ${version} is newer than the control plane's ${currentKubernetesVersion}.`,
    )
  return version
}

function put(request: ArmRequest): Reply {
  const cluster = idle(request)
  const properties = propertiesOf(cluster)
  const has = poolsOf(cluster)
  const name = request.params.pool!
  const sent = parseBody<{ properties?: Pool }>(request.call, shape).properties ?? {}
  const old = has.find((pool) => pool.name === name)
  const version = versionOf(cluster, (sent as { orchestratorVersion?: string }).orchestratorVersion)
  const [pool] = mergePools([{ ...sent, name } as Pool], {
    has,
    version: properties.kubernetesVersion!,
    patch: version,
    state: old ? 'Updating' : 'Creating',
    maxPods: podsPerNode(properties),
  })
  pool!.currentOrchestratorVersion = version
  if (old && old.vmSize !== pool!.vmSize)
    throw new AksError(
      400,
      'PropertyChangeNotAllowed',
      "Changing property 'properties.vmSize' is not allowed.",
      { target: 'properties.vmSize' },
    )
  const operation = change(
    request,
    cluster,
    old ? has.map((each) => (each === old ? pool! : each)) : [...has, pool!],
  )
  return {
    status: old ? 200 : 201,
    headers: operationHeaders(request, operation),
    body: body(cluster, pool!),
  }
}

function remove(request: ArmRequest): Reply {
  const cluster = requireCluster(request)
  if (!poolsOf(cluster).some(({ name }) => name === request.params.pool)) return { status: 204 }
  idle(request)
  const pools = poolsOf(cluster).map((pool) =>
    pool.name === request.params.pool ? { ...pool, provisioningState: 'Deleting' } : pool,
  )
  return {
    status: 202,
    headers: acceptedHeaders(request, change(request, cluster, pools, request.params.pool)),
  }
}

/** To which versions the pool, or the whole cluster, can go. */
function upgrades(request: ArmRequest): Reply {
  const cluster = requireCluster(request)
  const { currentKubernetesVersion: version = '' } = propertiesOf(cluster)
  const targets = (from: string) =>
    upgradesFrom(from).map((kubernetesVersion) => ({ kubernetesVersion, isPreview: false }))
  const pool = request.params.pool === undefined ? undefined : known(request, cluster)
  const ofPool = (each: Pool) => {
    const from = String(each.currentOrchestratorVersion)
    return { kubernetesVersion: from, osType: each.osType ?? 'Linux', upgrades: targets(from) }
  }
  return {
    status: 200,
    headers,
    body: {
      id: request.id,
      name: 'default',
      type: `Microsoft.ContainerService/managedClusters/${pool ? 'agentPools/' : ''}upgradeProfiles`,
      properties: pool
        ? { ...ofPool(pool), latestNodeImageVersion: pool.nodeImageVersion }
        : {
            controlPlaneProfile: { kubernetesVersion: version, osType: 'Linux', upgrades: targets(version) },
            agentPoolProfiles: poolsOf(cluster).map((each) => ({ name: each.name, ...ofPool(each) })),
          },
    },
  }
}

const ofCluster =
  '/subscriptions/:subscription/resourceGroups/:group/providers/Microsoft.ContainerService/managedClusters/:cluster'
const path = `${ofCluster}/agentPools`

export const agentPoolRoutes: ArmRoute[] = [
  { method: 'GET', path, handler: list },
  { method: 'PUT', path: `${path}/:pool`, handler: put },
  { method: 'GET', path: `${path}/:pool`, handler: get },
  { method: 'DELETE', path: `${path}/:pool`, handler: remove },
  { method: 'GET', path: `${ofCluster}/upgradeProfiles/default`, handler: upgrades },
  { method: 'GET', path: `${path}/:pool/upgradeProfiles/default`, handler: upgrades },
]
