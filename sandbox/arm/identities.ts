import type { FederatedCredentialObject } from '../graph/state.ts'
import type { Reply } from '../http.ts'
import type { Simulator } from '../simulator.ts'
import { removeAssignmentsAt } from './assignments.ts'
import { bodyOf, envelope } from './body-shape.ts'
import { ArmError, invalidContent, notFound } from './errors.ts'
import { page } from './listing.ts'
import { addPrincipal, removePrincipal } from './principals.ts'
import { regionFor } from './regions.ts'
import { find, groupName, keepLocation, ofType, tagsFrom } from './resources.ts'
import type { ArmRequest, Route } from './route.ts'
import type { Resource } from './state.ts'

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
  ofType(simulator, type).map(({ body, credentials = [] }) => ({
    clientId: String(body.properties.clientId),
    principalId: String(body.properties.principalId),
    resourceId: body.id,
    credentials,
  }))

/** Makes an identity and its service principal. */
export function makeIdentity(
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
  simulator.markChanged()
  return made
}

export function removeIdentity(simulator: Simulator, { body }: Resource): void {
  removePrincipal(simulator, body.properties.principalId)
  removeAssignmentsAt(simulator, body.id)
  delete simulator.state.arm.resources[body.id.toLowerCase()]
  simulator.markChanged()
}

function put({ call, simulator, params, id }: ArmRequest): Reply {
  const sent = bodyOf<{ location?: string; tags?: Record<string, string> }>(call, envelope)
  const region = regionFor(sent.location, { type })
  const tags = tagsFrom(sent)
  const found = find(simulator, id)
  if (found) {
    keepLocation(found, sent.location!)
    Object.assign(found, { body: { ...found.body, tags }, changedAt: simulator.now() })
    simulator.markChanged()
    return { status: 200, body: found.body }
  }
  if (!/^[a-z0-9][a-z0-9_-]{2,127}$/i.test(params.name!))
    throw new ArmError(
      400,
      'InvalidResourceName',
      `The resource name '${params.name}' is invalid. It must be 3 to 128 characters of letters, digits, '-' and '_', and begin with a letter or digit.`,
    )
  const { body } = makeIdentity(simulator, {
    group: groupName(simulator, params.group!),
    name: params.name!,
    region,
    tags,
  })
  return { status: 201, headers: { location: body.id }, body }
}

function patch({ call, simulator, id }: ArmRequest): Reply {
  const found = find(simulator, id)
  if (!found) throw notFound(id)
  const sent = bodyOf<{ tags?: Record<string, string>; properties?: object }>(call, envelope)
  if (sent.properties) throw invalidContent('The properties of a user-assigned identity cannot be changed.')
  if (sent.tags)
    Object.assign(found, { body: { ...found.body, tags: tagsFrom(sent) }, changedAt: simulator.now() })
  simulator.markChanged()
  return { status: 200, body: found.body }
}

function get({ simulator, id }: ArmRequest): Reply {
  const found = find(simulator, id)
  if (!found) throw notFound(id)
  return { status: 200, body: found.body }
}

function remove({ simulator, id }: ArmRequest): Reply {
  const found = find(simulator, id)
  if (!found) return { status: 204 }
  removeIdentity(simulator, found)
  return { status: 200 }
}

const list = (ask: ArmRequest): Reply => ({
  status: 200,
  body: page(
    ask,
    ofType(ask.simulator, type, ask.params.group).map(({ body }) => body),
  ),
})

const below = '/subscriptions/{subscription}/resourceGroups/{group}/providers'

export const identityRoutes: Route[] = [
  { method: 'GET', path: `/subscriptions/{subscription}/providers/${type}`, to: list },
  { method: 'GET', path: `${below}/${type}`, to: list },
  { method: 'PUT', path: `${below}/${type}/{name}`, to: put },
  { method: 'PATCH', path: `${below}/${type}/{name}`, to: patch },
  { method: 'GET', path: `${below}/${type}/{name}`, to: get },
  { method: 'DELETE', path: `${below}/${type}/{name}`, to: remove },
]
