import { randomUUID } from 'node:crypto'
import type { Reply } from '../http.ts'
import { newSigningKeys } from '../kube/auth/signing-keys.ts'
import { enableIssuer } from '../kube/clusters.ts'
import type { Simulator } from '../simulator.ts'
import { bodyOf } from './body-shape.ts'
import { standUp } from './cluster-behind.ts'
import { clusterProperties, podsPerNode, poolsFrom, skuFrom } from './cluster-body.ts'
import { identityFor } from './cluster-identity.ts'
import {
  accepted,
  json,
  knownCluster,
  propertiesOf,
  regionOf,
  requireIdle,
  requireRunning,
  tracked,
} from './cluster-lookup.ts'
import {
  type ClusterProperties,
  checkChange,
  checkCluster,
  checkPreconditions,
  checkWorkloadIdentity,
  clusterShape,
  refuseAddon,
  type SentCluster,
} from './cluster-rules.ts'
import { shown } from './cluster-view.ts'
import { kubernetesVersions, patchFor } from './kubernetes-versions.ts'
import { page } from './listing.ts'
import { begin, preempt, running } from './operations.ts'
import { regionFor } from './regions.ts'
import { find, groupName, keepLocation, ofType, tagsFrom } from './resources.ts'
import type { ArmRequest, Route } from './route.ts'
import type { Resource } from './state.ts'
import { checkQuota } from './vcpu-quota.ts'

const type = 'Microsoft.ContainerService/managedClusters'

/** The properties that a PUT asks for, once all the rules are kept, and the version that the cluster will have. */
function wantedProperties(
  sent: SentCluster,
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
  properties.agentPoolProfiles = poolsFrom(wanted.agentPoolProfiles, {
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
async function put(ask: ArmRequest): Promise<Reply> {
  const waiting = turns.get(ask.simulator) ?? new Map<string, Promise<unknown>>()
  turns.set(ask.simulator, waiting)
  const key = ask.id.toLowerCase()
  const before = waiting.get(key)
  const mine = (before ?? Promise.resolve()).then(() => write(ask))
  const done = mine.catch(() => {})
  waiting.set(key, done)
  try {
    return await mine
  } finally {
    if (waiting.get(key) === done) waiting.delete(key)
  }
}

async function write(ask: ArmRequest): Promise<Reply> {
  const { call, simulator, params, id } = ask
  const sent = bodyOf<SentCluster>(call, clusterShape)
  const region = regionFor(sent.location, { type })
  const found = find(simulator, id)
  if (found) keepLocation(found, sent.location!)
  checkPreconditions(call, found)
  if (found) {
    requireIdle(simulator, found)
    requireRunning(found)
  }
  const [name, group] = [found?.body.name ?? params.cluster!, groupName(simulator, params.group!)]
  const sku = skuFrom(sent.sku, found?.body.sku)
  const { properties, version } = wantedProperties(sent, {
    ...(found && { has: propertiesOf(found) }),
    sku: sku.name,
    name,
    group,
    region,
    tenantId: simulator.state.tenant.id,
  })
  checkQuota(simulator, id, region, properties)
  if (simulator.realCluster) refuseAddon(properties)
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
      ...(Object.keys(tagsFrom(sent)).length > 0 && { tags: tagsFrom(sent) }),
      eTag: randomUUID(),
      kind: sent.kind ?? 'Base',
      properties,
      identity: identityFor(ask, sent.identity, found),
      sku,
    },
    createdAt: found?.createdAt ?? simulator.now(),
    changedAt: simulator.now(),
  }
  if (!found) await standUp(simulator, resource, signingKeys)
  else if (properties.oidcIssuerProfile!.enabled)
    properties.oidcIssuerProfile!.issuerURL = enableIssuer(simulator, properties.fqdn!)
  simulator.state.arm.resources[resource.body.id.toLowerCase()] = resource
  const operation = begin(
    simulator,
    found ? 'updateCluster' : 'createCluster',
    { id: resource.body.id, region },
    found ? 'clusterUpdate' : 'clusterCreate',
  )
  operation.version = version
  return { status: found ? 200 : 201, headers: tracked(ask, operation), body: shown(resource, ask.version) }
}

function patchTags(ask: ArmRequest): Reply {
  const { call, simulator } = ask
  const found = knownCluster(ask)
  checkPreconditions(call, found)
  requireIdle(simulator, found)
  found.body = { ...found.body, tags: tagsFrom(bodyOf<SentCluster>(call, clusterShape)), eTag: randomUUID() }
  found.changedAt = simulator.now()
  simulator.markChanged()
  return { status: 200, headers: json, body: shown(found, ask.version) }
}

/** Deleting does not wait for what runs: it preempts it. */
function remove(ask: ArmRequest): Reply {
  const { call, simulator, id } = ask
  const found = find(simulator, id)
  if (!found) return { status: 204 }
  checkPreconditions(call, found)
  const current = running(simulator, found.body.id)
  const deleting = current?.kind === 'deleteCluster'
  if (current && !deleting) preempt(simulator, found.body.id)
  const operation = deleting
    ? current
    : begin(simulator, 'deleteCluster', { id: found.body.id, region: regionOf(found) }, 'clusterDelete')
  const properties = propertiesOf(found)
  properties.provisioningState = 'Deleting'
  for (const pool of properties.agentPoolProfiles ?? []) pool.provisioningState = 'Deleting'
  return { status: 202, headers: accepted(ask, operation) }
}

const list = (ask: ArmRequest): Reply => ({
  status: 200,
  headers: json,
  body: page(
    ask,
    ofType(ask.simulator, type, ask.params.group).map((cluster) => shown(cluster, ask.version)),
  ),
})

const subscription = '/subscriptions/{subscription}/providers/Microsoft.ContainerService'
const group = `/subscriptions/{subscription}/resourceGroups/{group}/providers/${type}`
const path = `${group}/{cluster}`

export const clusterRoutes: Route[] = [
  { method: 'GET', path: `${subscription}/managedClusters`, to: list },
  { method: 'GET', path: group, to: list },
  { method: 'PUT', path, to: put },
  {
    method: 'GET',
    path,
    to: (ask) => ({ status: 200, headers: json, body: shown(knownCluster(ask), ask.version) }),
  },
  { method: 'PATCH', path, to: patchTags },
  { method: 'DELETE', path, to: remove },
  {
    method: 'GET',
    path: `${subscription}/locations/{location}/kubernetesVersions`,
    to: kubernetesVersions,
  },
]
