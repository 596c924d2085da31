import type { Reply } from '../http.ts'
import { knownCluster } from './cluster-lookup.ts'
import type { ClusterProperties, Pool } from './cluster-rules.ts'
import { page } from './listing.ts'
import { ClusterRefusal } from './refusal.ts'
import type { Ask, Route } from './route.ts'
import type { Resource } from './state.ts'

const headers = { 'content-type': 'application/json' }

const body = (cluster: Resource, { name, eTag: _, ...properties }: Pool) => ({
  id: `${cluster.body.id}/agentPools/${name}`,
  name,
  type: 'Microsoft.ContainerService/managedClusters/agentPools',
  properties,
})

const poolsOf = ({ body }: Resource) => (body.properties as ClusterProperties).agentPoolProfiles ?? []

function list(ask: Ask): Reply {
  const cluster = knownCluster(ask)
  const pools = poolsOf(cluster).map((pool) => body(cluster, pool))
  return { status: 200, headers, body: page(ask, pools) }
}

function get(ask: Ask): Reply {
  const cluster = knownCluster(ask)
  const pool = poolsOf(cluster).find(({ name }) => name === ask.params.pool)
  if (!pool)
    throw new ClusterRefusal(
      404,
      'NotFound',
      `Could not find the agentpool: ${ask.params.pool} in subscription: ${ask.cloud.world.subscription.id}, resourceGroup: ${cluster.body.id.split('/')[4]}, resourceName: ${cluster.body.name}.`,
      {
        details: [{ code: 'Unspecified', message: 'rpc error: code = NotFound desc = Agent Pool not found' }],
        subcode: 'GetAgentPool_NotFound_HCPServerError',
      },
    )
  return { status: 200, headers, body: body(cluster, pool) }
}

const path =
  '/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.ContainerService/managedClusters/{cluster}/agentPools'

/** Read only: pools are changed by a PUT of their cluster. */
export const agentPoolRoutes: Route[] = [
  { method: 'GET', path, to: list },
  { method: 'GET', path: `${path}/{pool}`, to: get },
]
