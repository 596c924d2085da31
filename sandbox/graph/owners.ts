import type { Reply } from '../http.ts'
import { ownProperty } from '../own-property.ts'
import { requireWritePermission } from './authorization.ts'
import { badRequest, invalidProperty, notFound } from './errors.ts'
import type { GraphCall } from './request.ts'
import { collectionReply } from './responses.ts'
import { servicePrincipalView } from './service-principal-view.ts'

/** Returns the object ID in an `@odata.id`. */
export const referencedId = (reference: unknown) =>
  typeof reference === 'string' ? /\/([0-9a-f-]{36})\/?$/i.exec(reference)?.[1]?.toLowerCase() : undefined

function requirePrincipal(call: GraphCall, reference: unknown): string {
  const id = referencedId(reference)
  if (!id) throw invalidProperty('@odata.id', 'DirectoryObject')
  if (!ownProperty(call.simulator.state.directory.servicePrincipals, id)) throw notFound(id)
  return id
}

/** Returns the object IDs in `owners@odata.bind`. Throws 400 or 404. */
export function boundOwners(call: GraphCall, body: Record<string, unknown>): string[] {
  const references = body['owners@odata.bind'] ?? []
  if (!Array.isArray(references)) throw invalidProperty('owners', 'Application')
  return references.map((reference) => requirePrincipal(call, reference))
}

interface OwnedObject {
  owners?: string[]
}

export function listOwners(call: GraphCall, { owners = [] }: OwnedObject): Reply {
  const { simulator } = call
  const rows = owners
    .map((id) => simulator.state.directory.servicePrincipals[id])
    .filter((each) => each !== undefined)
    .map((each) => ({
      '@odata.type': '#microsoft.graph.servicePrincipal',
      ...servicePrincipalView(simulator, each),
    }))
  return collectionReply(call, { context: 'directoryObjects', resource: 'DirectoryObject', rows })
}

export function addOwner(call: GraphCall, object: OwnedObject): Reply {
  requireWritePermission(call, object)
  const { owners = [] } = object
  const id = requirePrincipal(call, call.body()['@odata.id'])
  if (owners.includes(id))
    throw badRequest(
      "One or more added object references already exist for the following modified properties: 'owners'.",
    )
  object.owners = [...owners, id]
  return { status: 204 }
}

export function removeOwner(call: GraphCall, object: OwnedObject): Reply {
  requireWritePermission(call, object)
  const { owners = [] } = object
  const id = (call.params.owner ?? '').toLowerCase()
  if (!owners.includes(id)) throw notFound(id)
  object.owners = owners.filter((each) => each !== id)
  return { status: 204 }
}
