import type { Cloud } from '../cloud.ts'
import type { FederatedCredentialObject } from '../graph/state.ts'
import type { Reply } from '../http.ts'
import { removeAssignmentsAt } from './assignments.ts'
import { bodyOf, envelope } from './body-shape.ts'
import { page } from './listing.ts'
import { addPrincipal, removePrincipal } from './principals.ts'
import { invalidContent, notFound, Refusal } from './refusal.ts'
import { regionFor } from './regions.ts'
import { find, groupName, keepLocation, ofType, tagsFrom } from './resources.ts'
import type { Ask, Route } from './route.ts'
import type { Resource } from './state.ts'

const type = 'Microsoft.ManagedIdentity/userAssignedIdentities'

/** The user-assigned identities as the token service wants them. */
export const managedIdentities = (
  cloud: Cloud,
): {
  clientId: string
  principalId: string
  resourceId: string
  credentials: FederatedCredentialObject[]
}[] =>
  ofType(cloud, type).map(({ body, credentials = [] }) => ({
    clientId: String(body.properties.clientId),
    principalId: String(body.properties.principalId),
    resourceId: body.id,
    credentials,
  }))

/** Makes an identity and its service principal. */
export function makeIdentity(
  cloud: Cloud,
  of: { group: string; name: string; region: string; tags: Record<string, string> },
): Resource {
  const id = `/subscriptions/${cloud.world.subscription.id}/resourcegroups/${of.group}/providers/${type}/${of.name}`
  const { tenantId, principalId, clientId } = addPrincipal(cloud, {
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
    createdAt: cloud.now(),
    changedAt: cloud.now(),
    credentials: [],
  }
  cloud.world.arm.resources[id.toLowerCase()] = made
  cloud.changed()
  return made
}

export function removeIdentity(cloud: Cloud, { body }: Resource): void {
  removePrincipal(cloud, body.properties.principalId)
  removeAssignmentsAt(cloud, body.id)
  delete cloud.world.arm.resources[body.id.toLowerCase()]
  cloud.changed()
}

function put({ call, cloud, params, id }: Ask): Reply {
  const sent = bodyOf<{ location?: string; tags?: Record<string, string> }>(call, envelope)
  const region = regionFor(sent.location, { type })
  const tags = tagsFrom(sent)
  const found = find(cloud, id)
  if (found) {
    keepLocation(found, sent.location!)
    Object.assign(found, { body: { ...found.body, tags }, changedAt: cloud.now() })
    cloud.changed()
    return { status: 200, body: found.body }
  }
  if (!/^[a-z0-9][a-z0-9_-]{2,127}$/i.test(params.name!))
    throw new Refusal(
      400,
      'InvalidResourceName',
      `The resource name '${params.name}' is invalid. It must be 3 to 128 characters of letters, digits, '-' and '_', and begin with a letter or digit.`,
    )
  const { body } = makeIdentity(cloud, {
    group: groupName(cloud, params.group!),
    name: params.name!,
    region,
    tags,
  })
  return { status: 201, headers: { location: body.id }, body }
}

function patch({ call, cloud, id }: Ask): Reply {
  const found = find(cloud, id)
  if (!found) throw notFound(id)
  const sent = bodyOf<{ tags?: Record<string, string>; properties?: object }>(call, envelope)
  if (sent.properties) throw invalidContent('The properties of a user-assigned identity cannot be changed.')
  if (sent.tags)
    Object.assign(found, { body: { ...found.body, tags: tagsFrom(sent) }, changedAt: cloud.now() })
  cloud.changed()
  return { status: 200, body: found.body }
}

function get({ cloud, id }: Ask): Reply {
  const found = find(cloud, id)
  if (!found) throw notFound(id)
  return { status: 200, body: found.body }
}

function remove({ cloud, id }: Ask): Reply {
  const found = find(cloud, id)
  if (!found) return { status: 204 }
  removeIdentity(cloud, found)
  return { status: 200 }
}

const list = (ask: Ask): Reply => ({
  status: 200,
  body: page(
    ask,
    ofType(ask.cloud, type, ask.params.group).map(({ body }) => body),
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
