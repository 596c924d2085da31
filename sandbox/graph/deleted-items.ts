import type { Cloud } from '../cloud.ts'
import type { Reply } from '../http.ts'
import { applicationView } from './application-view.ts'
import { requireRead, requireWrite } from './authorization.ts'
import { badRequest, noSegment, notFound, sameKey } from './errors.ts'
import { applicationFilters, principalFilters } from './filterable-properties.ts'
import { type GraphCall, named, same } from './request.ts'
import { count, entity, list, type View } from './responses.ts'
import { principalView } from './service-principal-view.ts'
import type { Application, ServicePrincipal } from './state.ts'

type Deleted =
  | { kind: 'application'; object: Application }
  | { kind: 'servicePrincipal'; object: ServicePrincipal }

const isDeleted = ({ deletedAt }: { deletedAt?: number }) => deletedAt !== undefined

const deletedApplications = ({ world }: Cloud) =>
  Object.values(world.directory.applications).filter(isDeleted)

const deletedPrincipals = ({ world }: Cloud) =>
  Object.values(world.directory.servicePrincipals).filter(isDeleted)

function view(cloud: Cloud, { kind, object }: Deleted): View {
  const whole = kind === 'application' ? applicationView(cloud, object) : principalView(cloud, object)
  return { '@odata.type': `#microsoft.graph.${kind}`, ...whole }
}

/** Requests below `/directory/deletedItems`. */
export function deletedItems(call: GraphCall, path: string[]): Reply {
  requireRead(call)
  const { key, rest } = named(path)
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
        rows: deletedPrincipals(call.cloud).map((each) => principalView(call.cloud, each)),
        filterable: principalFilters,
      })
    default:
      return onOne(call, key.value, rest)
  }
}

function onCollection(call: GraphCall, rest: string[], collection: Parameters<typeof list>[1]): Reply {
  if (call.method !== 'GET') throw badRequest('Specified HTTP method is not allowed for the request target.')
  return rest[0] === '$count' ? count(call, collection) : list(call, collection)
}

function onOne(call: GraphCall, id: string, rest: string[]): Reply {
  const { cloud, method } = call
  const application = deletedApplications(cloud).find((each) => same(each.id, id))
  const principal = deletedPrincipals(cloud).find((each) => same(each.id, id))
  const found: Deleted | undefined = application
    ? { kind: 'application', object: application }
    : principal && { kind: 'servicePrincipal', object: principal }
  if (!found) throw notFound(id)
  if (method === 'GET' && rest.length === 0) return entity(call, 'directoryObjects', view(cloud, found))
  requireWrite(call, found.object)
  if (method === 'POST' && rest[0]?.toLowerCase() === 'restore') {
    restore(cloud, found)
    return entity(call, 'directoryObjects', view(cloud, found))
  }
  if (method !== 'DELETE' || rest.length > 0) throw noSegment(rest[0] ?? id)
  if (found.kind === 'application') delete cloud.world.directory.applications[found.object.id]
  else delete cloud.world.directory.servicePrincipals[found.object.id]
  cloud.changed()
  return { status: 204 }
}

/** An application brings back the service principal that went with it. */
function restore(cloud: Cloud, { kind, object }: Deleted): void {
  const { deletedAt } = object
  const living = Object.values(cloud.world.directory.servicePrincipals).filter(
    (each) => same(each.appId, object.appId) && each.deletedAt === undefined,
  )
  if (kind === 'servicePrincipal' && living.length > 0)
    throw sameKey(
      `The service principal cannot be created, updated, or restored because the service principal name ${object.appId} is already in use.`,
    )
  delete object.deletedAt
  if (kind === 'application' && living.length === 0)
    for (const principal of deletedPrincipals(cloud))
      if (same(principal.appId, object.appId) && principal.deletedAt === deletedAt) delete principal.deletedAt
  cloud.changed()
}
