import type { Cloud } from '../cloud.ts'
import type { Reply } from '../http.ts'
import { removeAssignmentsAt } from './assignments.ts'
import { bodyOf, envelope } from './body-shape.ts'
import { removeCluster } from './cluster-removal.ts'
import { softDelete } from './deleted-vaults.ts'
import { removeIdentity } from './identities.ts'
import { page } from './listing.ts'
import { begin, groupOperationUrl, running } from './operations.ts'
import { groupNotFound, Refusal } from './refusal.ts'
import { regionFor, regionName } from './regions.ts'
import { filtered, findGroup, groupId, inGroup, tagsFrom } from './resources.ts'
import type { Ask, Route } from './route.ts'
import type { Resource } from './state.ts'

const type = 'Microsoft.Resources/resourceGroups'

function checkName(name: string): void {
  if (name.length > 90)
    throw new Refusal(
      400,
      'InvalidResourceGroupName',
      `The provided resource group name '${name}' is too long. The name must be less or equal to 90 characters.`,
      { by: 'gateway' },
    )
  if (!/^[-\w._()]*[-\w_()]$/.test(name))
    throw new Refusal(
      400,
      'InvalidResourceGroupName',
      `The provided resource group name '${name}' has these invalid characters: '${[...new Set(name.replace(/[-\w_()]/g, ''))].join('')}'. The name can only be a letter, digit, '-', '.', '(', ')' or '_', and must not end with '.'.`,
      { by: 'gateway' },
    )
}

/** Puts a group into the world. */
export function makeGroup(
  cloud: Cloud,
  of: { name: string; region: string; tags?: Record<string, string>; managedBy?: string },
): Resource {
  const id = groupId(cloud, of.name)
  const made: Resource = {
    body: {
      id,
      name: of.name,
      type,
      location: of.region,
      ...(of.managedBy && { managedBy: of.managedBy }),
      ...(of.tags && { tags: of.tags }),
      properties: { provisioningState: 'Succeeded' },
    },
    createdAt: cloud.now(),
    changedAt: cloud.now(),
  }
  cloud.world.arm.groups[id.toLowerCase()] = made
  cloud.changed()
  return made
}

/** Throws 409 for a write into a group that is on its way out. */
export function requireLiving({ body }: Resource): void {
  if (body.properties.provisioningState !== 'Deleting') return
  throw new Refusal(
    409,
    'ResourceGroupBeingDeleted',
    `The resource group '${body.name}' is in deprovisioning state and cannot perform this operation.`,
    { by: 'gateway' },
  )
}

function put({ call, cloud, params }: Ask): Reply {
  const sent = bodyOf<{ location?: string; managedBy?: string; tags?: Record<string, string> }>(
    call,
    envelope,
  )
  const name = params.group!
  checkName(name)
  const region = regionFor(sent.location, { group: true })
  const tags = sent.tags && tagsFrom(sent)
  const found = findGroup(cloud, name)
  if (!found)
    return {
      status: 201,
      body: makeGroup(cloud, {
        name,
        region,
        ...(tags && { tags }),
        ...(sent.managedBy && { managedBy: sent.managedBy }),
      }).body,
    }
  requireLiving(found)
  if (regionName(sent.location!) !== found.body.location)
    throw new Refusal(
      409,
      'InvalidResourceGroupLocation',
      `Invalid resource group location '${sent.location}'. The Resource group already exists in location '${found.body.location}'.`,
      { by: 'gateway' },
    )
  const { tags: _, ...rest } = found.body
  found.body = { ...rest, ...(tags && { tags }) } as Resource['body']
  found.changedAt = cloud.now()
  cloud.changed()
  return { status: 200, body: found.body }
}

function known({ cloud, params }: Ask): Resource {
  const found = findGroup(cloud, params.group!)
  if (!found) throw groupNotFound(params.group!)
  return found
}

function patch(ask: Ask): Reply {
  const found = known(ask)
  requireLiving(found)
  const sent = bodyOf<{ tags?: Record<string, string> }>(ask.call, envelope)
  if (sent.tags !== undefined) found.body = { ...found.body, tags: tagsFrom(sent) }
  found.changedAt = ask.cloud.now()
  ask.cloud.changed()
  return { status: 200, body: found.body }
}

function remove(ask: Ask): Reply {
  const { cloud } = ask
  const found = known(ask)
  const hasClusters = inGroup(cloud, found.body.name).some(({ body }) => /ManagedClusters$/i.test(body.type))
  const operation =
    running(cloud, found.body.id) ??
    begin(
      cloud,
      'deleteGroup',
      { id: found.body.id, region: String(found.body.location) },
      ...(hasClusters ? (['groupDelete', 'clusterDelete'] as const) : (['groupDelete'] as const)),
    )
  found.body.properties.provisioningState = 'Deleting'
  cloud.changed()
  const patience = Math.min(15, Math.max(1, Math.round((operation.endsAt - operation.startedAt) / 2000)))
  return {
    status: 202,
    headers: { location: groupOperationUrl(ask, operation), 'retry-after': String(patience) },
  }
}

/** Takes the group away with all that is in it: a vault comes to lie among the deleted ones. */
export function emptyGroup(cloud: Cloud, id: string): void {
  const group = cloud.world.arm.groups[id]
  if (!group) return
  for (const resource of inGroup(cloud, group.body.name)) {
    if (/\/vaults$/i.test(resource.body.type)) softDelete(cloud, resource)
    else if (/\/managedClusters$/i.test(resource.body.type)) removeCluster(cloud, resource)
    else removeIdentity(cloud, resource)
  }
  removeAssignmentsAt(cloud, id)
  delete cloud.world.arm.groups[id]
}

function list(ask: Ask): Reply {
  const found = filtered(Object.values(ask.cloud.world.arm.groups), ask.call.query('$filter'))
  return {
    status: 200,
    body: page(
      ask,
      found.map(({ body }) => body),
    ),
  }
}

const path = '/subscriptions/{subscription}/resourceGroups/{group}'
const may = (verb: string) => `Microsoft.Resources/subscriptions/resourceGroups/${verb}`

export const groupRoutes: Route[] = [
  { method: 'GET', path: '/subscriptions/{subscription}/resourceGroups', action: may('read'), to: list },
  { method: 'PUT', path, action: may('write'), to: put },
  { method: 'GET', path, action: may('read'), to: (ask) => ({ status: 200, body: known(ask).body }) },
  {
    method: 'HEAD',
    path,
    action: may('read'),
    to: ({ cloud, params }) =>
      findGroup(cloud, params.group!)
        ? { status: 204 }
        : { status: 404, headers: { 'x-ms-failure-cause': 'gateway' } },
  },
  { method: 'PATCH', path, action: may('write'), to: patch },
  { method: 'DELETE', path, action: may('delete'), to: remove },
]
