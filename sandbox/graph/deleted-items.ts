import type { Reply } from '../http.ts'
import type { Simulator } from '../simulator.ts'
import { applicationView } from './application-view.ts'
import { requireReadPermission, requireWritePermission } from './authorization.ts'
import { badRequest, duplicateKey, notFound } from './errors.ts'
import { applicationFilters, servicePrincipalFilters } from './filterable-properties.ts'
import { allApplications, allServicePrincipals } from './lookup.ts'
import { equalsIgnoreCase, type GraphCall, keyOf } from './request.ts'
import { type Collection, collectionReply, countReply, entityReply, type View } from './responses.ts'
import { servicePrincipalView } from './service-principal-view.ts'
import type { ApplicationObject, ServicePrincipalObject } from './state.ts'

type DeletedObject =
  | { kind: 'application'; object: ApplicationObject }
  | { kind: 'servicePrincipal'; object: ServicePrincipalObject }

const isDeleted = ({ deletedAt }: { deletedAt?: number }) => deletedAt !== undefined

function typedView(simulator: Simulator, { kind, object }: DeletedObject): View {
  const properties =
    kind === 'application' ? applicationView(simulator, object) : servicePrincipalView(simulator, object)
  return { '@odata.type': `#microsoft.graph.${kind}`, ...properties }
}

/** Returns the handlers of a collection of deleted objects. */
const collectionHandlers = (collectionOf: (simulator: Simulator) => Collection) => ({
  list(call: GraphCall): Reply {
    requireReadPermission(call)
    return collectionReply(call, collectionOf(call.simulator))
  },
  count(call: GraphCall): Reply {
    requireReadPermission(call)
    return countReply(call, collectionOf(call.simulator))
  },
})

export const deletedApplications = collectionHandlers((simulator) => ({
  context: 'applications',
  resource: 'Application',
  rows: allApplications(simulator)
    .filter(isDeleted)
    .map((each) => applicationView(simulator, each)),
  filterable: applicationFilters,
}))

export const deletedServicePrincipals = collectionHandlers((simulator) => ({
  context: 'servicePrincipals',
  resource: 'ServicePrincipal',
  rows: allServicePrincipals(simulator)
    .filter(isDeleted)
    .map((each) => servicePrincipalView(simulator, each)),
  filterable: servicePrincipalFilters,
}))

/** Rejects a request for all deleted items. */
export function requireItemType(call: GraphCall): never {
  requireReadPermission(call)
  throw badRequest('The type of the deleted items must be given.')
}

function requireDeletedItem(call: GraphCall): DeletedObject {
  requireReadPermission(call)
  const { simulator } = call
  const { value } = keyOf(call)
  const hasId = (each: { id: string; deletedAt?: number }) =>
    isDeleted(each) && equalsIgnoreCase(each.id, value)
  const application = allApplications(simulator).find(hasId)
  if (application) return { kind: 'application', object: application }
  const principal = allServicePrincipals(simulator).find(hasId)
  if (!principal) throw notFound(value)
  return { kind: 'servicePrincipal', object: principal }
}

export const getDeletedItem = (call: GraphCall): Reply =>
  entityReply(call, 'directoryObjects', typedView(call.simulator, requireDeletedItem(call)))

/** Permanently deletes an object. */
export function deleteItem(call: GraphCall): Reply {
  const { kind, object } = requireDeletedItem(call)
  requireWritePermission(call, object)
  const { applications, servicePrincipals } = call.simulator.state.directory
  delete (kind === 'application' ? applications : servicePrincipals)[object.id]
  return { status: 204 }
}

export function restoreItem(call: GraphCall): Reply {
  const found = requireDeletedItem(call)
  requireWritePermission(call, found.object)
  restore(call.simulator, found)
  return entityReply(call, 'directoryObjects', typedView(call.simulator, found))
}

/** Restores an object; an application together with the service principal that was deleted with it. */
function restore(simulator: Simulator, { kind, object }: DeletedObject): void {
  const { deletedAt } = object
  const active = allServicePrincipals(simulator).filter(
    (each) => equalsIgnoreCase(each.appId, object.appId) && each.deletedAt === undefined,
  )
  if (kind === 'servicePrincipal' && active.length > 0)
    throw duplicateKey(
      `The service principal cannot be created, updated, or restored because the service principal name ${object.appId} is already in use.`,
    )
  delete object.deletedAt
  if (kind === 'application' && active.length === 0)
    for (const principal of allServicePrincipals(simulator).filter(isDeleted))
      if (equalsIgnoreCase(principal.appId, object.appId) && principal.deletedAt === deletedAt)
        delete principal.deletedAt
}
