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
  groupId,
  groupName,
  listScope,
  readTags,
  requireSameLocation,
  resourcesOfType,
} from '../resources/resources.ts'
import type { Resource } from '../state.ts'
import { addPrincipal, deletePrincipal } from './principals.ts'

const type = 'Microsoft.ManagedIdentity/userAssignedIdentities'

/** A user-assigned identity as the token service needs it. */
interface ManagedIdentity {
  clientId: string
  principalId: string
  resourceId: string
  credentials: FederatedCredentialObject[]
}

export const managedIdentities = (simulator: Simulator): ManagedIdentity[] =>
  resourcesOfType(simulator, type).map(({ body, credentials = [] }) => ({
    clientId: String(body.properties.clientId),
    principalId: String(body.properties.principalId),
    resourceId: body.id,
    credentials,
  }))

interface NewIdentity {
  groupId: string
  name: string
  region: string
  tags: Record<string, string>
}

/** Creates an identity and its service principal. */
export function createIdentity(simulator: Simulator, { groupId, name, region, tags }: NewIdentity): Resource {
  const id = `${groupId.replace('/resourceGroups/', '/resourcegroups/')}/providers/${type}/${name}`
  const { tenantId, principalId, clientId } = addPrincipal(simulator, {
    displayName: name,
    resourceId: id,
    explicit: true,
  })
  const identity: Resource = {
    body: { location: region, tags, id, name, type, properties: { tenantId, principalId, clientId } },
    createdAt: simulator.now(),
    changedAt: simulator.now(),
    credentials: [],
  }
  simulator.state.arm.resources[id.toLowerCase()] = identity
  return identity
}

/** Deletes an identity with its service principal and the role assignments on it. */
export function deleteIdentity(simulator: Simulator, { body }: Resource): void {
  deletePrincipal(simulator, body.properties.principalId)
  deleteAssignmentsAt(simulator, body.id)
  delete simulator.state.arm.resources[body.id.toLowerCase()]
}

function put({ call, simulator, params, id }: ArmRequest): Reply {
  const input = parseBody<{ location?: string; tags?: Record<string, string> }>(call, commonMembers)
  const region = requireRegion(input.location, { type })
  const tags = readTags(input)
  const existing = findResource(simulator, id)
  if (existing) {
    requireSameLocation(existing, input.location!)
    Object.assign(existing, { body: { ...existing.body, tags }, changedAt: simulator.now() })
    return { status: 200, body: existing.body }
  }
  if (!/^[a-z0-9][a-z0-9_-]{2,127}$/i.test(params.name!))
    throw new ArmError(
      400,
      'InvalidResourceName',
      `The resource name '${params.name}' is invalid. It must be 3 to 128 characters of letters, digits, '-' and '_', and begin with a letter or digit.`,
    )
  const own = groupId(id, groupName(simulator, id, params.group!))
  const { body } = createIdentity(simulator, { groupId: own, name: params.name!, region, tags })
  return { status: 201, headers: { location: body.id }, body }
}

function requireIdentity({ simulator, id }: ArmRequest): Resource {
  const identity = findResource(simulator, id)
  if (!identity) throw notFound(id)
  return identity
}

function patch(request: ArmRequest): Reply {
  const { call, simulator } = request
  const identity = requireIdentity(request)
  const input = parseBody<{ tags?: Record<string, string>; properties?: object }>(call, commonMembers)
  if (input.properties) throw invalidContent('The properties of a user-assigned identity cannot be changed.')
  if (input.tags) {
    identity.body = { ...identity.body, tags: readTags(input) }
    identity.changedAt = simulator.now()
  }
  return { status: 200, body: identity.body }
}

function remove({ simulator, id }: ArmRequest): Reply {
  const identity = findResource(simulator, id)
  if (!identity) return { status: 204 }
  deleteIdentity(simulator, identity)
  return { status: 200 }
}

const list = (request: ArmRequest): Reply => ({
  status: 200,
  body: listBody(
    request,
    resourcesOfType(request.simulator, type, listScope(request)).map(({ body }) => body),
  ),
})

const group = '/subscriptions/:subscription/resourceGroups/:group/providers'

export const identityRoutes: ArmRoute[] = [
  { method: 'GET', path: `/subscriptions/:subscription/providers/${type}`, handler: list },
  { method: 'GET', path: `${group}/${type}`, handler: list },
  { method: 'PUT', path: `${group}/${type}/:name`, handler: put },
  { method: 'PATCH', path: `${group}/${type}/:name`, handler: patch },
  {
    method: 'GET',
    path: `${group}/${type}/:name`,
    handler: (request) => ({ status: 200, body: requireIdentity(request).body }),
  },
  { method: 'DELETE', path: `${group}/${type}/:name`, handler: remove },
]
