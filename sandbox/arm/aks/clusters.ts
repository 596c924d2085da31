import { randomUUID } from 'node:crypto'
import type { Reply } from '../../http.ts'
import { newSigningKeys } from '../../kube/auth/signing-keys.ts'
import { enableIssuer } from '../../kube/clusters.ts'
import { listBody } from '../lists.ts'
import { preemptOperation, runningOperation, startOperation } from '../operations.ts'
import type { ArmRequest, ArmRoute } from '../request.ts'
import { parseBody } from '../request-body.ts'
import { requireRegion } from '../resources/regions.ts'
import {
  findResource,
  groupName,
  listScope,
  readTags,
  requireSameLocation,
  resourcesOfType,
} from '../resources/resources.ts'
import type { Resource } from '../state.ts'
import { subscriptionPath } from '../subscription-path.ts'
import { inTurn } from './cluster-queue.ts'
import { requestedProperties } from './cluster-request.ts'
import { clusterIdentity } from './identity.ts'
import { kubernetesVersions } from './kubernetes-versions.ts'
import {
  acceptedHeaders,
  jsonHeaders,
  operationHeaders,
  propertiesOf,
  regionOf,
  requireCluster,
  requireIdle,
  requireRunning,
} from './lookup.ts'
import { mergeSku } from './properties.ts'
import { provisionCluster } from './provisioning.ts'
import { type ClusterBody, checkPreconditions, clusterShape, rejectAddon } from './validation.ts'
import { checkQuota } from './vcpu-quota.ts'
import { clusterView } from './view.ts'

const type = 'Microsoft.ContainerService/managedClusters'

async function write(request: ArmRequest): Promise<Reply> {
  const { call, simulator, params, id } = request
  const input = parseBody<ClusterBody>(call, clusterShape)
  const region = requireRegion(input.location, { type })
  const existing = findResource(simulator, id)
  if (existing) requireSameLocation(existing, input.location!)
  checkPreconditions(call, existing)
  if (existing) {
    requireIdle(simulator, existing)
    requireRunning(existing)
  }
  const [name, group] = [existing?.body.name ?? params.cluster!, groupName(simulator, id, params.group!)]
  const sku = mergeSku(input.sku, existing?.body.sku)
  const { properties, version } = requestedProperties(input, {
    ...(existing && { current: propertiesOf(existing) }),
    automatic: sku.name === 'Automatic',
    name,
    group,
    region,
    tenantId: simulator.state.tenant.id,
  })
  checkQuota(simulator, id, region, properties)
  if (simulator.realCluster) rejectAddon(properties)
  // Generated before the first change: what follows is saved completely, or not at all if the sandbox is killed.
  const signingKeys = existing ? [] : await newSigningKeys(simulator)
  const tags = readTags(input)
  const cluster: Resource = {
    body: {
      id: existing?.body.id ?? `${subscriptionPath(id)}/resourcegroups/${group}/providers/${type}/${name}`,
      location: region,
      name,
      type: 'Microsoft.ContainerService/ManagedClusters',
      ...(Object.keys(tags).length > 0 && { tags }),
      eTag: randomUUID(),
      kind: input.kind ?? 'Base',
      properties,
      identity: clusterIdentity(request, input.identity, existing),
      sku,
    },
    createdAt: existing?.createdAt ?? simulator.now(),
    changedAt: simulator.now(),
  }
  if (!existing) await provisionCluster(simulator, cluster, signingKeys)
  else if (properties.oidcIssuerProfile!.enabled)
    properties.oidcIssuerProfile!.issuerURL = enableIssuer(simulator, properties.fqdn!)
  return store(request, cluster, version, existing !== undefined)
}

/** Stores the cluster and starts the operation that creates or updates it. */
function store(request: ArmRequest, cluster: Resource, version: string, isUpdate: boolean): Reply {
  const { simulator } = request
  simulator.state.arm.resources[cluster.body.id.toLowerCase()] = cluster
  const operation = startOperation(
    simulator,
    isUpdate ? 'updateCluster' : 'createCluster',
    { id: cluster.body.id, region: regionOf(cluster) },
    isUpdate ? 'clusterUpdate' : 'clusterCreate',
  )
  operation.version = version
  return {
    status: isUpdate ? 200 : 201,
    headers: operationHeaders(request, operation),
    body: clusterView(cluster, request.version),
  }
}

function patchTags(request: ArmRequest): Reply {
  const { call, simulator } = request
  const cluster = requireCluster(request)
  checkPreconditions(call, cluster)
  requireIdle(simulator, cluster)
  const tags = readTags(parseBody<ClusterBody>(call, clusterShape))
  cluster.body = { ...cluster.body, tags, eTag: randomUUID() }
  cluster.changedAt = simulator.now()
  return { status: 200, headers: jsonHeaders, body: clusterView(cluster, request.version) }
}

/** Preempts the operation that is running, if any. */
function remove(request: ArmRequest): Reply {
  const { call, simulator, id } = request
  const cluster = findResource(simulator, id)
  if (!cluster) return { status: 204 }
  checkPreconditions(call, cluster)
  const current = runningOperation(simulator, cluster.body.id)
  const isDeleting = current?.kind === 'deleteCluster'
  if (current && !isDeleting) preemptOperation(simulator, cluster.body.id)
  const operation = isDeleting
    ? current
    : startOperation(
        simulator,
        'deleteCluster',
        { id: cluster.body.id, region: regionOf(cluster) },
        'clusterDelete',
      )
  const properties = propertiesOf(cluster)
  properties.provisioningState = 'Deleting'
  for (const pool of properties.agentPoolProfiles ?? []) pool.provisioningState = 'Deleting'
  return { status: 202, headers: acceptedHeaders(request, operation) }
}

const list = (request: ArmRequest): Reply => ({
  status: 200,
  headers: jsonHeaders,
  body: listBody(
    request,
    resourcesOfType(request.simulator, type, listScope(request)).map((cluster) =>
      clusterView(cluster, request.version),
    ),
  ),
})

const get = (request: ArmRequest): Reply => ({
  status: 200,
  headers: jsonHeaders,
  body: clusterView(requireCluster(request), request.version),
})

const subscription = '/subscriptions/:subscription/providers/Microsoft.ContainerService'
const group = `/subscriptions/:subscription/resourceGroups/:group/providers/${type}`
const path = `${group}/:cluster`

export const clusterRoutes: ArmRoute[] = [
  { method: 'GET', path: `${subscription}/managedClusters`, handler: list },
  { method: 'GET', path: group, handler: list },
  { method: 'PUT', path, handler: (request) => inTurn(request, () => write(request)) },
  { method: 'GET', path, handler: get },
  { method: 'PATCH', path, handler: patchTags },
  { method: 'DELETE', path, handler: remove },
  {
    method: 'GET',
    path: `${subscription}/locations/:location/kubernetesVersions`,
    handler: kubernetesVersions,
  },
]
