import type { Reply } from '../http.ts'
import { mergeDeep } from './application-view.ts'
import {
  isLimitedToOwned,
  requireCreatePermission,
  requireReadPermission,
  requireWritePermission,
} from './authorization.ts'
import { badRequest, duplicateKey, invalidProperty, requestDenied } from './errors.ts'
import { servicePrincipalFilters } from './filterable-properties.ts'
import {
  allApplications,
  allServicePrincipals,
  requireServicePrincipal,
  servicePrincipalHasKey,
} from './lookup.ts'
import { boundOwners } from './owners.ts'
import { isVisible } from './replication.ts'
import { equalsIgnoreCase, type GraphCall, keyOf, prefersCreateIfMissing } from './request.ts'
import { type Collection, collectionReply, countReply, createdLocation, entityReply } from './responses.ts'
import { servicePrincipalView } from './service-principal-view.ts'
import type { ServicePrincipalObject } from './state.ts'
import { readProperties, servicePrincipalProperties } from './writable-properties.ts'

function visibleServicePrincipals(call: GraphCall): Collection {
  requireReadPermission(call)
  const { simulator } = call
  return {
    context: 'servicePrincipals',
    resource: 'ServicePrincipal',
    rows: allServicePrincipals(simulator)
      .filter((each) => isVisible(simulator, each))
      .map((each) => servicePrincipalView(simulator, each)),
    filterable: servicePrincipalFilters,
  }
}

export const listServicePrincipals = (call: GraphCall): Reply =>
  collectionReply(call, visibleServicePrincipals(call))

export const countServicePrincipals = (call: GraphCall): Reply =>
  countReply(call, visibleServicePrincipals(call))

export const getServicePrincipal = (call: GraphCall): Reply =>
  entityReply(call, 'servicePrincipals', servicePrincipalView(call.simulator, requireServicePrincipal(call)))

export const createServicePrincipal = (call: GraphCall): Reply => create(call, call.body())

/** Updates a service principal, or with `Prefer: create-if-missing` creates one by its application ID. */
export function updateServicePrincipal(call: GraphCall): Reply {
  const key = keyOf(call)
  if (!prefersCreateIfMissing(call) || key.by !== 'appid') return update(call, requireServicePrincipal(call))
  const found = allServicePrincipals(call.simulator).find(
    (each) => servicePrincipalHasKey(each, key) && each.deletedAt === undefined,
  )
  return found ? update(call, found) : create(call, { ...call.body(), appId: key.value })
}

function update(call: GraphCall, principal: ServicePrincipalObject): Reply {
  requireWritePermission(call, principal)
  const { appId, ...values } = readProperties(call.body(), servicePrincipalProperties, 'ServicePrincipal')
  if (appId !== undefined && !equalsIgnoreCase(appId, principal.appId))
    throw badRequest("Property 'appId' is read-only and cannot be set.")
  principal.body = mergeDeep(principal.body, values)
  return { status: 204 }
}

/** Soft-deletes a service principal. */
export function deleteServicePrincipal(call: GraphCall): Reply {
  const principal = requireServicePrincipal(call)
  requireWritePermission(call, principal)
  // Managed identities are deleted only with their resource.
  if (principal.type === 'ManagedIdentity') throw requestDenied()
  principal.deletedAt = call.simulator.now()
  return { status: 204 }
}

function create(call: GraphCall, body: Record<string, unknown>): Reply {
  requireCreatePermission(call)
  const { simulator } = call
  const { appId, ...values } = readProperties(body, servicePrincipalProperties, 'ServicePrincipal')
  if (typeof appId !== 'string') throw invalidProperty('appId', 'ServicePrincipal')
  const application = allApplications(simulator).find(
    (each) => equalsIgnoreCase(each.appId, appId) && isVisible(simulator, each),
  )
  if (!application) {
    if (isLimitedToOwned(call))
      throw requestDenied(
        'When using this permission, the backing application of the service principal being created must in the local tenant',
      )
    const message = `The appId '${appId}' of the service principal does not reference a valid application object.`
    throw badRequest(message, [{ code: 'NoBackingApplicationObject', target: 'appId', message }])
  }
  requireApplicationWrite(call, application)
  if (
    allServicePrincipals(simulator).some(
      (each) => equalsIgnoreCase(each.appId, appId) && each.deletedAt === undefined,
    )
  )
    throw duplicateKey(
      `The service principal cannot be created, updated, or restored because the service principal name ${appId} is already in use.`,
    )
  const id = crypto.randomUUID()
  const ownerIds = [...boundOwners(call, body), ...(isLimitedToOwned(call) ? [call.caller.oid] : [])]
  const principal: ServicePrincipalObject = {
    id,
    appId: application.appId,
    type: 'Application',
    createdAt: simulator.now(),
    body: values,
    directoryRights: [],
    owners: [...new Set(ownerIds)],
  }
  simulator.state.directory.servicePrincipals[id] = principal
  const location = createdLocation(
    call,
    `directoryObjects/${id}/Microsoft.DirectoryServices.ServicePrincipal`,
  )
  return entityReply(call, 'servicePrincipals', servicePrincipalView(simulator, principal), 201, location)
}

const requireApplicationWrite = (call: GraphCall, application: { owners?: string[] }) => {
  if (isLimitedToOwned(call)) requireWritePermission(call, application)
}
