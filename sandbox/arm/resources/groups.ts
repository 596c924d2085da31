import type { Reply } from '../../http.ts'
import type { Simulator } from '../../simulator.ts'
import { ArmError, groupNotFound } from '../errors.ts'
import { listBody } from '../lists.ts'
import { groupOperationUrl, runningOperation, startOperation } from '../operations.ts'
import type { ArmRequest, ArmRoute } from '../request.ts'
import { commonMembers, parseBody } from '../request-body.ts'
import type { Resource } from '../state.ts'
import { regionName, requireRegion } from './regions.ts'
import { filterResources, findGroup, groupId, readTags, resourcesInGroup } from './resources.ts'

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

/** Puts a group into the world. */
export function createGroup(
  simulator: Simulator,
  of: { name: string; region: string; tags?: Record<string, string>; managedBy?: string },
): Resource {
  const id = groupId(simulator, of.name)
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
    createdAt: simulator.now(),
    changedAt: simulator.now(),
  }
  simulator.state.arm.groups[id.toLowerCase()] = made
  return made
}

/** Throws 409 for a write into a group that is on its way out. */
export function requireNotDeleting({ body }: Resource): void {
  if (body.properties.provisioningState !== 'Deleting') return
  throw new ArmError(
    409,
    'ResourceGroupBeingDeleted',
    `The resource group '${body.name}' is in deprovisioning state and cannot perform this operation.`,
    { by: 'gateway' },
  )
}

function put({ call, simulator, params }: ArmRequest): Reply {
  const sent = parseBody<{ location?: string; managedBy?: string; tags?: Record<string, string> }>(
    call,
    commonMembers,
  )
  const name = params.group!
  checkName(name)
  const region = requireRegion(sent.location, { group: true })
  const tags = sent.tags && readTags(sent)
  const found = findGroup(simulator, name)
  if (!found)
    return {
      status: 201,
      body: createGroup(simulator, {
        name,
        region,
        ...(tags && { tags }),
        ...(sent.managedBy && { managedBy: sent.managedBy }),
      }).body,
    }
  requireNotDeleting(found)
  if (regionName(sent.location!) !== found.body.location)
    throw new ArmError(
      409,
      'InvalidResourceGroupLocation',
      `Invalid resource group location '${sent.location}'. The Resource group already exists in location '${found.body.location}'.`,
      { by: 'gateway' },
    )
  const { tags: _, ...rest } = found.body
  found.body = { ...rest, ...(tags && { tags }) } as Resource['body']
  found.changedAt = simulator.now()
  return { status: 200, body: found.body }
}

function known({ simulator, params }: ArmRequest): Resource {
  const found = findGroup(simulator, params.group!)
  if (!found) throw groupNotFound(params.group!)
  return found
}

function patch(request: ArmRequest): Reply {
  const found = known(request)
  requireNotDeleting(found)
  const sent = parseBody<{ tags?: Record<string, string> }>(request.call, commonMembers)
  if (sent.tags !== undefined) found.body = { ...found.body, tags: readTags(sent) }
  found.changedAt = request.simulator.now()
  return { status: 200, body: found.body }
}

function remove(request: ArmRequest): Reply {
  const { simulator } = request
  const found = known(request)
  const hasClusters = resourcesInGroup(simulator, found.body.name).some(({ body }) =>
    /ManagedClusters$/i.test(body.type),
  )
  const operation =
    runningOperation(simulator, found.body.id) ??
    startOperation(
      simulator,
      'deleteGroup',
      { id: found.body.id, region: String(found.body.location) },
      ...(hasClusters ? (['groupDelete', 'clusterDelete'] as const) : (['groupDelete'] as const)),
    )
  found.body.properties.provisioningState = 'Deleting'
  const patience = Math.min(15, Math.max(1, Math.round((operation.endsAt - operation.startedAt) / 2000)))
  return {
    status: 202,
    headers: { location: groupOperationUrl(request, operation), 'retry-after': String(patience) },
  }
}

function list(request: ArmRequest): Reply {
  const found = filterResources(
    Object.values(request.simulator.state.arm.groups),
    request.call.query('$filter'),
  )
  return {
    status: 200,
    body: listBody(
      request,
      found.map(({ body }) => body),
    ),
  }
}

const path = '/subscriptions/:subscription/resourceGroups/:group'
const may = (verb: string) => `Microsoft.Resources/subscriptions/resourceGroups/${verb}`

export const groupRoutes: ArmRoute[] = [
  { method: 'GET', path: '/subscriptions/:subscription/resourceGroups', action: may('read'), handler: list },
  { method: 'PUT', path, action: may('write'), handler: put },
  {
    method: 'GET',
    path,
    action: may('read'),
    handler: (request) => ({ status: 200, body: known(request).body }),
  },
  {
    method: 'HEAD',
    path,
    action: may('read'),
    handler: ({ simulator, params }) =>
      findGroup(simulator, params.group!)
        ? { status: 204 }
        : { status: 404, headers: { 'x-ms-failure-cause': 'gateway' } },
  },
  { method: 'PATCH', path, action: may('write'), handler: patch },
  { method: 'DELETE', path, action: may('delete'), handler: remove },
]
