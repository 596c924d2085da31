import type { Reply } from '../http.ts'
import { ownProperty } from '../own-property.ts'
import { requireWritePermission } from './authorization.ts'
import { badRequest, invalidProperty, methodNotAllowed, notFound } from './errors.ts'
import type { GraphCall } from './request.ts'
import { collectionReply } from './responses.ts'
import { servicePrincipalView } from './service-principal-view.ts'

const referencedId = (reference: unknown) =>
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

/** Handles `/owners`: list, add by `$ref` and remove. */
export function owners(call: GraphCall, object: { owners?: string[] }, rest: string[]): Reply {
  const { method, simulator } = call
  const ownerIds = object.owners ?? []
  const [first = '', last] = rest
  if (method === 'GET' && (first === '' || first === '$ref')) {
    const rows = ownerIds
      .map((id) => simulator.state.directory.servicePrincipals[id])
      .filter((each) => each !== undefined)
      .map((each) => ({
        '@odata.type': '#microsoft.graph.servicePrincipal',
        ...servicePrincipalView(simulator, each),
      }))
    return collectionReply(call, { context: 'directoryObjects', resource: 'DirectoryObject', rows })
  }
  requireWritePermission(call, object)
  if (method === 'POST' && first === '$ref') {
    const id = requirePrincipal(call, call.body()['@odata.id'])
    if (ownerIds.includes(id))
      throw badRequest(
        "One or more added object references already exist for the following modified properties: 'owners'.",
      )
    object.owners = [...ownerIds, id]
  } else if (method === 'DELETE' && last === '$ref') {
    if (!ownerIds.includes(first.toLowerCase())) throw notFound(first)
    object.owners = ownerIds.filter((id) => id !== first.toLowerCase())
  } else throw methodNotAllowed()
  simulator.markChanged()
  return { status: 204 }
}
