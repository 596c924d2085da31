import { randomUUID } from 'node:crypto'
import type { Reply } from '../../http.ts'
import { newSigningKeys } from '../../kube/auth/signing-keys.ts'
import { enableIssuer } from '../../kube/clusters.ts'
import type { Simulator } from '../../simulator.ts'
import { listBody } from '../lists.ts'
import { preemptOperation, runningOperation, startOperation } from '../operations.ts'
import type { ArmRequest, ArmRoute } from '../request.ts'
import { parseBody } from '../request-body.ts'
import { requireRegion } from '../resources/regions.ts'
import {
  findResource,
  groupName,
  readTags,
  requireSameLocation,
  resourcesOfType,
} from '../resources/resources.ts'
import type { Resource } from '../state.ts'
import { identityFor } from './identity.ts'
import { kubernetesVersions, patchFor } from './kubernetes-versions.ts'
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
import { clusterProperties, mergePools, mergeSku, podsPerNode } from './properties.ts'
import { provisionCluster } from './provisioning.ts'
import {
  type ClusterBody,
  type ClusterProperties,
  checkChange,
  checkCluster,
  checkPreconditions,
  checkWorkloadIdentity,
  clusterShape,
  rejectAddon,
} from './validation.ts'
import { checkQuota } from './vcpu-quota.ts'
import { clusterView } from './view.ts'

const type = 'Microsoft.ContainerService/managedClusters'

/** The properties that a PUT asks for, once all the rules are kept, and the version that the cluster will have. */
function wantedProperties(
  sent: ClusterBody,
  of: { has?: ClusterProperties; sku: string; name: string; group: string; region: string; tenantId: string },
): { properties: ClusterProperties; version: string } {
  const { has, name, group, region } = of
  const wanted = sent.properties ?? {}
  const properties = clusterProperties(wanted, {
    ...(has && { has }),
    automatic: of.sku === 'Automatic',
    group,
    name,
    region,
    tenantId: of.tenantId,
  })
  const version = patchFor(properties.kubernetesVersion!, {
    cluster: name,
    supportPlan: properties.supportPlan,
  })
  const state = !has ? 'Creating' : has.currentKubernetesVersion === version ? 'Updating' : 'Upgrading'
  properties.agentPoolProfiles = mergePools(wanted.agentPoolProfiles, {
    has: has?.agentPoolProfiles ?? [],
    version: properties.kubernetesVersion!,
    patch: version,
    state,
    maxPods: podsPerNode(properties),
  })
  properties.currentKubernetesVersion = has?.currentKubernetesVersion ?? version
  properties.provisioningState = state
  checkCluster(name, sent, properties)
  if (has) checkChange(wanted, has)
  checkWorkloadIdentity(properties)
  return { properties, version }
}

/** The last PUT of each cluster that is on its way. */
const turns = new WeakMap<Simulator, Map<string, Promise<unknown>>>()

/** Making keys takes a moment: a second PUT of the cluster waits, and then meets the operation of the first. */
async function put(request: ArmRequest): Promise<Reply> {
  const waiting = turns.get(request.simulator) ?? new Map<string, Promise<unknown>>()
  turns.set(request.simulator, waiting)
  const key = request.id.toLowerCase()
  const before = waiting.get(key)
  const mine = (before ?? Promise.resolve()).then(() => write(request))
  const done = mine.catch(() => {})
  waiting.set(key, done)
  try {
    return await mine
  } finally {
    if (waiting.get(key) === done) waiting.delete(key)
  }
}

async function write(request: ArmRequest): Promise<Reply> {
  const { call, simulator, params, id } = request
  const sent = parseBody<ClusterBody>(call, clusterShape)
  const region = requireRegion(sent.location, { type })
  const found = findResource(simulator, id)
  if (found) requireSameLocation(found, sent.location!)
  checkPreconditions(call, found)
  if (found) {
    requireIdle(simulator, found)
    requireRunning(found)
  }
  const [name, group] = [found?.body.name ?? params.cluster!, groupName(simulator, params.group!)]
  const sku = mergeSku(sent.sku, found?.body.sku)
  const { properties, version } = wantedProperties(sent, {
    ...(found && { has: propertiesOf(found) }),
    sku: sku.name,
    name,
    group,
    region,
    tenantId: simulator.state.tenant.id,
  })
  checkQuota(simulator, id, region, properties)
  if (simulator.realCluster) rejectAddon(properties)
  // Before anything is made: what follows is saved as a whole, or not at all if the sandbox is killed.
  const signingKeys = found ? [] : await newSigningKeys(simulator)
  const resource: Resource = {
    body: {
      id:
        found?.body.id ??
        `/subscriptions/${simulator.state.subscription.id}/resourcegroups/${group}/providers/${type}/${name}`,
      location: region,
      name,
      type: 'Microsoft.ContainerService/ManagedClusters',
      ...(Object.keys(readTags(sent)).length > 0 && { tags: readTags(sent) }),
      eTag: randomUUID(),
      kind: sent.kind ?? 'Base',
      properties,
      identity: identityFor(request, sent.identity, found),
      sku,
    },
    createdAt: found?.createdAt ?? simulator.now(),
    changedAt: simulator.now(),
  }
  if (!found) await provisionCluster(simulator, resource, signingKeys)
  else if (properties.oidcIssuerProfile!.enabled)
    properties.oidcIssuerProfile!.issuerURL = enableIssuer(simulator, properties.fqdn!)
  simulator.state.arm.resources[resource.body.id.toLowerCase()] = resource
  const operation = startOperation(
    simulator,
    found ? 'updateCluster' : 'createCluster',
    { id: resource.body.id, region },
    found ? 'clusterUpdate' : 'clusterCreate',
  )
  operation.version = version
  return {
    status: found ? 200 : 201,
    headers: operationHeaders(request, operation),
    body: clusterView(resource, request.version),
  }
}

function patchTags(request: ArmRequest): Reply {
  const { call, simulator } = request
  const found = requireCluster(request)
  checkPreconditions(call, found)
  requireIdle(simulator, found)
  found.body = {
    ...found.body,
    tags: readTags(parseBody<ClusterBody>(call, clusterShape)),
    eTag: randomUUID(),
  }
  found.changedAt = simulator.now()
  return { status: 200, headers: jsonHeaders, body: clusterView(found, request.version) }
}

/** Deleting does not wait for what runs: it preempts it. */
function remove(request: ArmRequest): Reply {
  const { call, simulator, id } = request
  const found = findResource(simulator, id)
  if (!found) return { status: 204 }
  checkPreconditions(call, found)
  const current = runningOperation(simulator, found.body.id)
  const deleting = current?.kind === 'deleteCluster'
  if (current && !deleting) preemptOperation(simulator, found.body.id)
  const operation = deleting
    ? current
    : startOperation(
        simulator,
        'deleteCluster',
        { id: found.body.id, region: regionOf(found) },
        'clusterDelete',
      )
  const properties = propertiesOf(found)
  properties.provisioningState = 'Deleting'
  for (const pool of properties.agentPoolProfiles ?? []) pool.provisioningState = 'Deleting'
  return { status: 202, headers: acceptedHeaders(request, operation) }
}

const list = (request: ArmRequest): Reply => ({
  status: 200,
  headers: jsonHeaders,
  body: listBody(
    request,
    resourcesOfType(request.simulator, type, request.params.group).map((cluster) =>
      clusterView(cluster, request.version),
    ),
  ),
})

const subscription = '/subscriptions/:subscription/providers/Microsoft.ContainerService'
const group = `/subscriptions/:subscription/resourceGroups/:group/providers/${type}`
const path = `${group}/:cluster`

export const clusterRoutes: ArmRoute[] = [
  { method: 'GET', path: `${subscription}/managedClusters`, handler: list },
  { method: 'GET', path: group, handler: list },
  { method: 'PUT', path, handler: put },
  {
    method: 'GET',
    path,
    handler: (request) => ({
      status: 200,
      headers: jsonHeaders,
      body: clusterView(requireCluster(request), request.version),
    }),
  },
  { method: 'PATCH', path, handler: patchTags },
  { method: 'DELETE', path, handler: remove },
  {
    method: 'GET',
    path: `${subscription}/locations/:location/kubernetesVersions`,
    handler: kubernetesVersions,
  },
]
