import type { Cloud } from '../cloud.ts'
import type { Reply } from '../http.ts'
import { applicationView } from './application-view.ts'
import { requireReadPermission, requireWritePermission } from './authorization.ts'
import { badRequest, duplicateKey, notFound, unknownSegment } from './errors.ts'
import { applicationFilters, servicePrincipalFilters } from './filterable-properties.ts'
import { equalsIgnoreCase, type GraphCall, parsePath } from './request.ts'
import { collectionReply, countReply, entityReply, type View } from './responses.ts'
import { servicePrincipalView } from './service-principal-view.ts'
import type { ApplicationObject, ServicePrincipalObject } from './state.ts'

type Deleted =
  | { kind: 'application'; object: ApplicationObject }
  | { kind: 'servicePrincipal'; object: ServicePrincipalObject }

const isDeleted = ({ deletedAt }: { deletedAt?: number }) => deletedAt !== undefined

const deletedApplications = ({ world }: Cloud) =>
  Object.values(world.directory.applications).filter(isDeleted)

const deletedPrincipals = ({ world }: Cloud) =>
  Object.values(world.directory.servicePrincipals).filter(isDeleted)

function view(cloud: Cloud, { kind, object }: Deleted): View {
  const whole = kind === 'application' ? applicationView(cloud, object) : servicePrincipalView(cloud, object)
  return { '@odata.type': `#microsoft.graph.${kind}`, ...whole }
}

/** Requests below `/directory/deletedItems`. */
export function deletedItems(call: GraphCall, path: string[]): Reply {
  requireReadPermission(call)
  const { key, rest } = parsePath(path)
  if (!key) throw badRequest('The type of the deleted items must be given.')
  switch (key.value.toLowerCase()) {
    case 'microsoft.graph.application':
    case 'graph.application':
      return onCollection(call, rest, {
        context: 'applications',
        resource: 'Application',
        rows: deletedApplications(call.cloud).map((each) => applicationView(call.cloud, each)),
        filterable: applicationFilters,
      })
    case 'microsoft.graph.serviceprincipal':
    case 'graph.serviceprincipal':
      return onCollection(call, rest, {
        context: 'servicePrincipals',
        resource: 'ServicePrincipal',
        rows: deletedPrincipals(call.cloud).map((each) => servicePrincipalView(call.cloud, each)),
        filterable: servicePrincipalFilters,
      })
    default:
      return onOne(call, key.value, rest)
  }
}

function onCollection(
  call: GraphCall,
  rest: string[],
  collection: Parameters<typeof collectionReply>[1],
): Reply {
  if (call.method !== 'GET') throw badRequest('Specified HTTP method is not allowed for the request target.')
  return rest[0] === '$count' ? countReply(call, collection) : collectionReply(call, collection)
}

function onOne(call: GraphCall, id: string, rest: string[]): Reply {
  const { cloud, method } = call
  const application = deletedApplications(cloud).find((each) => equalsIgnoreCase(each.id, id))
  const principal = deletedPrincipals(cloud).find((each) => equalsIgnoreCase(each.id, id))
  const found: Deleted | undefined = application
    ? { kind: 'application', object: application }
    : principal && { kind: 'servicePrincipal', object: principal }
  if (!found) throw notFound(id)
  if (method === 'GET' && rest.length === 0) return entityReply(call, 'directoryObjects', view(cloud, found))
  requireWritePermission(call, found.object)
  if (method === 'POST' && rest[0]?.toLowerCase() === 'restore') {
    restore(cloud, found)
    return entityReply(call, 'directoryObjects', view(cloud, found))
  }
  if (method !== 'DELETE' || rest.length > 0) throw unknownSegment(rest[0] ?? id)
  if (found.kind === 'application') delete cloud.world.directory.applications[found.object.id]
  else delete cloud.world.directory.servicePrincipals[found.object.id]
  cloud.changed()
  return { status: 204 }
}

/** An application brings back the service principal that went with it. */
function restore(cloud: Cloud, { kind, object }: Deleted): void {
  const { deletedAt } = object
  const living = Object.values(cloud.world.directory.servicePrincipals).filter(
    (each) => equalsIgnoreCase(each.appId, object.appId) && each.deletedAt === undefined,
  )
  if (kind === 'servicePrincipal' && living.length > 0)
    throw duplicateKey(
      `The service principal cannot be created, updated, or restored because the service principal name ${object.appId} is already in use.`,
    )
  delete object.deletedAt
  if (kind === 'application' && living.length === 0)
    for (const principal of deletedPrincipals(cloud))
      if (equalsIgnoreCase(principal.appId, object.appId) && principal.deletedAt === deletedAt)
        delete principal.deletedAt
  cloud.changed()
}
