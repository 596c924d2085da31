import type { Reply } from '../http.ts'
import type { Simulator } from '../simulator.ts'
import { applicationView } from './application-view.ts'
import { requireReadPermission, requireWritePermission } from './authorization.ts'
import { badRequest, duplicateKey, methodNotAllowed, notFound, unknownSegment } from './errors.ts'
import { applicationFilters, servicePrincipalFilters } from './filterable-properties.ts'
import { equalsIgnoreCase, type GraphCall, parsePath } from './request.ts'
import { collectionReply, countReply, entityReply, type View } from './responses.ts'
import { servicePrincipalView } from './service-principal-view.ts'
import type { ApplicationObject, ServicePrincipalObject } from './state.ts'

type DeletedObject =
  | { kind: 'application'; object: ApplicationObject }
  | { kind: 'servicePrincipal'; object: ServicePrincipalObject }

const isDeleted = ({ deletedAt }: { deletedAt?: number }) => deletedAt !== undefined

const deletedApplications = ({ state }: Simulator) =>
  Object.values(state.directory.applications).filter(isDeleted)

const deletedPrincipals = ({ state }: Simulator) =>
  Object.values(state.directory.servicePrincipals).filter(isDeleted)

function view(simulator: Simulator, { kind, object }: DeletedObject): View {
  const properties =
    kind === 'application' ? applicationView(simulator, object) : servicePrincipalView(simulator, object)
  return { '@odata.type': `#microsoft.graph.${kind}`, ...properties }
}

/** Handles `/directory/deletedItems`. */
export function deletedItems(call: GraphCall, path: string[]): Reply {
  requireReadPermission(call)
  const { key, rest } = parsePath(path)
  if (!key) throw badRequest('The type of the deleted items must be given.')
  switch (key.value.toLowerCase()) {
    case 'microsoft.graph.application':
    case 'graph.application':
      return handleCollection(call, rest, {
        context: 'applications',
        resource: 'Application',
        rows: deletedApplications(call.simulator).map((each) => applicationView(call.simulator, each)),
        filterable: applicationFilters,
      })
    case 'microsoft.graph.serviceprincipal':
    case 'graph.serviceprincipal':
      return handleCollection(call, rest, {
        context: 'servicePrincipals',
        resource: 'ServicePrincipal',
        rows: deletedPrincipals(call.simulator).map((each) => servicePrincipalView(call.simulator, each)),
        filterable: servicePrincipalFilters,
      })
    default:
      return handleObject(call, key.value, rest)
  }
}

function handleCollection(
  call: GraphCall,
  rest: string[],
  collection: Parameters<typeof collectionReply>[1],
): Reply {
  if (call.method !== 'GET') throw methodNotAllowed()
  return rest[0] === '$count' ? countReply(call, collection) : collectionReply(call, collection)
}

function handleObject(call: GraphCall, id: string, rest: string[]): Reply {
  const { simulator, method } = call
  const application = deletedApplications(simulator).find((each) => equalsIgnoreCase(each.id, id))
  const principal = deletedPrincipals(simulator).find((each) => equalsIgnoreCase(each.id, id))
  const found: DeletedObject | undefined = application
    ? { kind: 'application', object: application }
    : principal && { kind: 'servicePrincipal', object: principal }
  if (!found) throw notFound(id)
  if (method === 'GET' && rest.length === 0)
    return entityReply(call, 'directoryObjects', view(simulator, found))
  requireWritePermission(call, found.object)
  if (method === 'POST' && rest[0]?.toLowerCase() === 'restore') {
    restore(simulator, found)
    return entityReply(call, 'directoryObjects', view(simulator, found))
  }
  if (method !== 'DELETE' || rest.length > 0) throw unknownSegment(rest[0] ?? id)
  if (found.kind === 'application') delete simulator.state.directory.applications[found.object.id]
  else delete simulator.state.directory.servicePrincipals[found.object.id]
  simulator.markChanged()
  return { status: 204 }
}

/** Restores an object; an application together with the service principal that was deleted with it. */
function restore(simulator: Simulator, { kind, object }: DeletedObject): void {
  const { deletedAt } = object
  const active = Object.values(simulator.state.directory.servicePrincipals).filter(
    (each) => equalsIgnoreCase(each.appId, object.appId) && each.deletedAt === undefined,
  )
  if (kind === 'servicePrincipal' && active.length > 0)
    throw duplicateKey(
      `The service principal cannot be created, updated, or restored because the service principal name ${object.appId} is already in use.`,
    )
  delete object.deletedAt
  if (kind === 'application' && active.length === 0)
    for (const principal of deletedPrincipals(simulator))
      if (equalsIgnoreCase(principal.appId, object.appId) && principal.deletedAt === deletedAt)
        delete principal.deletedAt
  simulator.markChanged()
}
