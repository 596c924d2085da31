import type { FederatedCredentialObject } from '../../graph/state.ts'
import type { Reply } from '../../http.ts'
import type { Simulator } from '../../simulator.ts'
import { deleteAssignmentsAt } from '../authorization/assignment-removal.ts'
import { ArmError, invalidContent, notFound } from '../errors.ts'
import { listBody } from '../lists.ts'
import type { ArmRequest, ArmRoute } from '../request.ts'
import { commonMembers, parseBody } from '../request-body.ts'
import { requireRegion } from '../resources/regions.ts'
import {
  findResource,
  groupName,
  readTags,
  requireSameLocation,
  resourcesOfType,
} from '../resources/resources.ts'
import type { Resource } from '../state.ts'
import { addPrincipal, deletePrincipal } from './principals.ts'

const type = 'Microsoft.ManagedIdentity/userAssignedIdentities'

/** The user-assigned identities as the token service wants them. */
export const managedIdentities = (
  simulator: Simulator,
): {
  clientId: string
  principalId: string
  resourceId: string
  credentials: FederatedCredentialObject[]
}[] =>
  resourcesOfType(simulator, type).map(({ body, credentials = [] }) => ({
    clientId: String(body.properties.clientId),
    principalId: String(body.properties.principalId),
    resourceId: body.id,
    credentials,
  }))

/** Makes an identity and its service principal. */
export function createIdentity(
  simulator: Simulator,
  of: { group: string; name: string; region: string; tags: Record<string, string> },
): Resource {
  const id = `/subscriptions/${simulator.state.subscription.id}/resourcegroups/${of.group}/providers/${type}/${of.name}`
  const { tenantId, principalId, clientId } = addPrincipal(simulator, {
    displayName: of.name,
    resourceId: id,
    explicit: true,
  })
  const made: Resource = {
    body: {
      location: of.region,
      tags: of.tags,
      id,
      name: of.name,
      type,
      properties: { tenantId, principalId, clientId },
    },
    createdAt: simulator.now(),
    changedAt: simulator.now(),
    credentials: [],
  }
  simulator.state.arm.resources[id.toLowerCase()] = made
  return made
}

export function deleteIdentity(simulator: Simulator, { body }: Resource): void {
  deletePrincipal(simulator, body.properties.principalId)
  deleteAssignmentsAt(simulator, body.id)
  delete simulator.state.arm.resources[body.id.toLowerCase()]
}

function put({ call, simulator, params, id }: ArmRequest): Reply {
  const sent = parseBody<{ location?: string; tags?: Record<string, string> }>(call, commonMembers)
  const region = requireRegion(sent.location, { type })
  const tags = readTags(sent)
  const found = findResource(simulator, id)
  if (found) {
    requireSameLocation(found, sent.location!)
    Object.assign(found, { body: { ...found.body, tags }, changedAt: simulator.now() })
    return { status: 200, body: found.body }
  }
  if (!/^[a-z0-9][a-z0-9_-]{2,127}$/i.test(params.name!))
    throw new ArmError(
      400,
      'InvalidResourceName',
      `The resource name '${params.name}' is invalid. It must be 3 to 128 characters of letters, digits, '-' and '_', and begin with a letter or digit.`,
    )
  const { body } = createIdentity(simulator, {
    group: groupName(simulator, params.group!),
    name: params.name!,
    region,
    tags,
  })
  return { status: 201, headers: { location: body.id }, body }
}

function patch({ call, simulator, id }: ArmRequest): Reply {
  const found = findResource(simulator, id)
  if (!found) throw notFound(id)
  const sent = parseBody<{ tags?: Record<string, string>; properties?: object }>(call, commonMembers)
  if (sent.properties) throw invalidContent('The properties of a user-assigned identity cannot be changed.')
  if (sent.tags)
    Object.assign(found, { body: { ...found.body, tags: readTags(sent) }, changedAt: simulator.now() })
  return { status: 200, body: found.body }
}

function get({ simulator, id }: ArmRequest): Reply {
  const found = findResource(simulator, id)
  if (!found) throw notFound(id)
  return { status: 200, body: found.body }
}

function remove({ simulator, id }: ArmRequest): Reply {
  const found = findResource(simulator, id)
  if (!found) return { status: 204 }
  deleteIdentity(simulator, found)
  return { status: 200 }
}

const list = (request: ArmRequest): Reply => ({
  status: 200,
  body: listBody(
    request,
    resourcesOfType(request.simulator, type, request.params.group).map(({ body }) => body),
  ),
})

const below = '/subscriptions/:subscription/resourceGroups/:group/providers'

export const identityRoutes: ArmRoute[] = [
  { method: 'GET', path: `/subscriptions/:subscription/providers/${type}`, handler: list },
  { method: 'GET', path: `${below}/${type}`, handler: list },
  { method: 'PUT', path: `${below}/${type}/:name`, handler: put },
  { method: 'PATCH', path: `${below}/${type}/:name`, handler: patch },
  { method: 'GET', path: `${below}/${type}/:name`, handler: get },
  { method: 'DELETE', path: `${below}/${type}/:name`, handler: remove },
]
