import type { Reply } from '../../http.ts'
import type { Simulator } from '../../simulator.ts'
import { covers } from '../authorization/permissions.ts'
import { ArmError, groupNotFound } from '../errors.ts'
import { listBody } from '../lists.ts'
import { groupOperationUrl, runningOperation, startOperation } from '../operations.ts'
import type { ArmRequest, ArmRoute } from '../request.ts'
import { commonMembers, parseBody } from '../request-body.ts'
import type { Resource } from '../state.ts'
import { subscriptionPath } from '../subscription-path.ts'
import { regionName, requireRegion } from './regions.ts'
import { filterResources, findGroup, groupId, readTags, resourcesWithin } from './resources.ts'

const type = 'Microsoft.Resources/resourceGroups'

function checkName(name: string): void {
  if (name.length > 90)
    throw new ArmError(
      400,
      'InvalidResourceGroupName',
      `The provided resource group name '${name}' is too long. The name must be less or equal to 90 characters.`,
      { by: 'gateway' },
    )
  if (!/^[-\w._()]*[-\w_()]$/.test(name))
    throw new ArmError(
      400,
      'InvalidResourceGroupName',
      `The provided resource group name '${name}' has these invalid characters: '${[...new Set(name.replace(/[-\w_()]/g, ''))].join('')}'. The name can only be a letter, digit, '-', '.', '(', ')' or '_', and must not end with '.'.`,
      { by: 'gateway' },
    )
}

/** Stores a new group. */
export function createGroup(
  simulator: Simulator,
  options: { id: string; region: string; tags?: Record<string, string>; managedBy?: string },
): Resource {
  const { id } = options
  const group: Resource = {
    body: {
      id,
      name: id.split('/').at(-1)!,
      type,
      location: options.region,
      ...(options.managedBy && { managedBy: options.managedBy }),
      ...(options.tags && { tags: options.tags }),
      properties: { provisioningState: 'Succeeded' },
    },
    createdAt: simulator.now(),
    changedAt: simulator.now(),
  }
  simulator.state.arm.groups[id.toLowerCase()] = group
  return group
}

/** Throws 409 for a group that is being deleted. */
export function requireNotDeleting({ body }: Resource): void {
  if (body.properties.provisioningState !== 'Deleting') return
  throw new ArmError(
    409,
    'ResourceGroupBeingDeleted',
    `The resource group '${body.name}' is in deprovisioning state and cannot perform this operation.`,
    { by: 'gateway' },
  )
}

function put({ call, simulator, params, id }: ArmRequest): Reply {
  const input = parseBody<{ location?: string; managedBy?: string; tags?: Record<string, string> }>(
    call,
    commonMembers,
  )
  const name = params.group!
  checkName(name)
  const region = requireRegion(input.location, { group: true })
  const tags = input.tags && readTags(input)
  const group = findGroup(simulator, id, name)
  if (!group)
    return {
      status: 201,
      body: createGroup(simulator, {
        id: groupId(id, name),
        region,
        ...(tags && { tags }),
        ...(input.managedBy && { managedBy: input.managedBy }),
      }).body,
    }
  requireNotDeleting(group)
  if (regionName(input.location!) !== group.body.location)
    throw new ArmError(
      409,
      'InvalidResourceGroupLocation',
      `Invalid resource group location '${input.location}'. The Resource group already exists in location '${group.body.location}'.`,
      { by: 'gateway' },
    )
  const { tags: _, ...rest } = group.body
  group.body = { ...rest, ...(tags && { tags }) } as Resource['body']
  group.changedAt = simulator.now()
  return { status: 200, body: group.body }
}

function requireGroup({ simulator, params, id }: ArmRequest): Resource {
  const group = findGroup(simulator, id, params.group!)
  if (!group) throw groupNotFound(params.group!)
  return group
}

function patch(request: ArmRequest): Reply {
  const group = requireGroup(request)
  requireNotDeleting(group)
  const input = parseBody<{ tags?: Record<string, string> }>(request.call, commonMembers)
  if (input.tags !== undefined) group.body = { ...group.body, tags: readTags(input) }
  group.changedAt = request.simulator.now()
  return { status: 200, body: group.body }
}

function remove(request: ArmRequest): Reply {
  const { simulator } = request
  const group = requireGroup(request)
  const hasClusters = resourcesWithin(simulator, group.body.id).some(({ body }) =>
    /ManagedClusters$/i.test(body.type),
  )
  const operation =
    runningOperation(simulator, group.body.id) ??
    startOperation(
      simulator,
      'deleteGroup',
      { id: group.body.id, region: String(group.body.location) },
      ...(hasClusters ? (['groupDelete', 'clusterDelete'] as const) : (['groupDelete'] as const)),
    )
  group.body.properties.provisioningState = 'Deleting'
  const retryAfter = Math.min(15, Math.max(1, Math.round((operation.endsAt - operation.startedAt) / 2000)))
  return {
    status: 202,
    headers: { location: groupOperationUrl(request, operation), 'retry-after': String(retryAfter) },
  }
}

function list(request: ArmRequest): Reply {
  const groups = filterResources(
    Object.values(request.simulator.state.arm.groups).filter(({ body }) =>
      covers(subscriptionPath(request.id), body.id),
    ),
    request.call.query('$filter'),
  )
  return {
    status: 200,
    body: listBody(
      request,
      groups.map(({ body }) => body),
    ),
  }
}

const path = '/subscriptions/:subscription/resourceGroups/:group'
const permission = (verb: string) => `Microsoft.Resources/subscriptions/resourceGroups/${verb}`

export const groupRoutes: ArmRoute[] = [
  {
    method: 'GET',
    path: '/subscriptions/:subscription/resourceGroups',
    action: permission('read'),
    handler: list,
  },
  { method: 'PUT', path, action: permission('write'), handler: put },
  {
    method: 'GET',
    path,
    action: permission('read'),
    handler: (request) => ({ status: 200, body: requireGroup(request).body }),
  },
  {
    method: 'HEAD',
    path,
    action: permission('read'),
    handler: ({ simulator, params, id }) =>
      findGroup(simulator, id, params.group!)
        ? { status: 204 }
        : { status: 404, headers: { 'x-ms-failure-cause': 'gateway' } },
  },
  { method: 'PATCH', path, action: permission('write'), handler: patch },
  { method: 'DELETE', path, action: permission('delete'), handler: remove },
]
