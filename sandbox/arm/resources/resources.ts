import type { Reply } from '../../http.ts'
import type { Simulator } from '../../simulator.ts'
import { covers } from '../authorization/permissions.ts'
import { ArmError } from '../errors.ts'
import { invalidFilter, listBody, parseFilter } from '../lists.ts'
import type { ArmRequest, ArmRoute } from '../request.ts'
import type { Resource } from '../state.ts'
import { subscriptionPath } from '../subscription-path.ts'
import { dotNetTimestamp } from '../timestamps.ts'
import { regionName } from './regions.ts'

export const findResource = (simulator: Simulator, id: string): Resource | undefined =>
  simulator.state.arm.resources[id.toLowerCase()]

/** Returns the ID of a group in the same subscription as the resource `near`. */
export const groupId = (near: string, name: string) => `${subscriptionPath(near)}/resourceGroups/${name}`

/** Finds a group in the same subscription as the resource `near`. */
export const findGroup = (simulator: Simulator, near: string, name: string): Resource | undefined =>
  simulator.state.arm.groups[groupId(near, name).toLowerCase()]

/** Returns the group's name in the case in which it was created. */
export const groupName = (simulator: Simulator, near: string, name: string) =>
  findGroup(simulator, near, name)?.body.name ?? name

/** Returns the resources in a group or a subscription. */
export const resourcesWithin = (simulator: Simulator, scope: string): Resource[] =>
  Object.values(simulator.state.arm.resources).filter(({ body }) => covers(scope, body.id))

/** Returns the resources of a type, in all subscriptions unless a scope is given. */
export const resourcesOfType = (simulator: Simulator, type: string, scope = '/'): Resource[] =>
  resourcesWithin(simulator, scope).filter(({ body }) => body.type.toLowerCase() === type.toLowerCase())

/** Returns what a list covers: the group in its path, else the subscription. */
export const listScope = ({ id, params }: ArmRequest): string =>
  params.group === undefined ? subscriptionPath(id) : groupId(id, params.group)

/** Returns the tags of a request body. Throws 400 if they are invalid. */
export function readTags(input: { tags?: unknown }): Record<string, string> {
  const tags = (input.tags ?? {}) as Record<string, string>
  if (Object.keys(tags).length > 50)
    throw new ArmError(
      400,
      'InvalidTagNumber',
      `The number of tags specified on the resource exceeded the allowed value '50'.`,
      { by: 'gateway' },
    )
  for (const [name, value] of Object.entries(tags))
    if (name.length > 512 || typeof value !== 'string' || value.length > 256)
      throw new ArmError(400, 'InvalidTag', `The tag '${name.slice(0, 64)}' is not valid.`, { by: 'gateway' })
  return tags
}

/** Throws 409 if the location differs from the resource's, which can't change. */
export function requireSameLocation({ body }: Resource, location: string): void {
  const current = String(body.location)
  if (regionName(location) === current) return
  const group = /resourceGroups\/([^/]+)/i.exec(body.id)?.[1]
  throw new ArmError(
    409,
    'InvalidResourceLocation',
    `The resource '${body.name}' already exists in location '${current}' in resource group '${group}'. A resource with the same name cannot be created in location '${location}'. Please select a new resource name.`,
    { by: 'gateway' },
  )
}

/** Returns a resource as lists of all types show it: in Resource Manager's spelling, without properties. */
function summary({ body, createdAt, changedAt }: Resource, expand: string): Record<string, unknown> {
  const isExpanded = (name: string) => expand.toLowerCase().split(',').includes(name.toLowerCase())
  const { id, name, type, location, tags, sku, kind, identity } = body
  return {
    id: id.replace('/resourcegroups/', '/resourceGroups/'),
    name,
    type: type.replace('/ManagedClusters', '/managedClusters'),
    ...(sku !== undefined && { sku }),
    ...(kind !== undefined && { kind }),
    location,
    ...(identity !== undefined && { identity }),
    ...(tags !== undefined && { tags }),
    ...(isExpanded('createdTime') && { createdTime: dotNetTimestamp(createdAt) }),
    ...(isExpanded('changedTime') && { changedTime: dotNetTimestamp(changedAt) }),
    ...(isExpanded('provisioningState') && {
      provisioningState: body.properties.provisioningState ?? 'Succeeded',
    }),
  }
}

const equal = (a: unknown, b: string) => String(a ?? '').toLowerCase() === b.toLowerCase()

/** Filters resources or groups by resourceType, name, location, resourceGroup, tagName and tagValue. Throws 400. */
export function filterResources(items: Resource[], filter: string | undefined): Resource[] {
  const conditions = parseFilter(filter)
  const tagName = conditions.find(({ name }) => name === 'tagname')?.value
  const matches = ({ body }: Resource, name: string, value: string): boolean => {
    const tags = Object.entries((body.tags ?? {}) as Record<string, string>)
    switch (name) {
      case 'resourcetype':
        return equal(body.type, value)
      case 'name':
        return equal(body.name, value)
      case 'location':
        return equal(body.location, regionName(value))
      case 'resourcegroup':
        return equal(/resourceGroups\/([^/]+)/i.exec(body.id)?.[1], value)
      case 'tagname':
        return tags.some(([tag]) => equal(tag, value))
      case 'tagvalue':
        return tags.some(
          ([tag, current]) => (tagName === undefined || equal(tag, tagName)) && current === value,
        )
      default:
        throw invalidFilter(filter!)
    }
  }
  return items.filter((item) =>
    conditions.every((condition) => matches(item, condition.name, condition.value) === condition.equal),
  )
}

function list(request: ArmRequest): Reply {
  const { call, simulator } = request
  const found = filterResources(resourcesWithin(simulator, listScope(request)), call.query('$filter'))
  return {
    status: 200,
    body: listBody(
      request,
      found.map((each) => summary(each, call.query('$expand') ?? '')),
    ),
  }
}

export const resourceRoutes: ArmRoute[] = [
  {
    method: 'GET',
    path: '/subscriptions/:subscription/resources',
    action: 'Microsoft.Resources/subscriptions/resources/read',
    handler: list,
  },
  {
    method: 'GET',
    path: '/subscriptions/:subscription/resourceGroups/:group/resources',
    action: 'Microsoft.Resources/subscriptions/resourceGroups/resources/read',
    handler: list,
  },
]
