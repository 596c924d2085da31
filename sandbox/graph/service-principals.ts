import type { Reply } from '../http.ts'
import type { Simulator } from '../simulator.ts'
import { appRoleAssignments } from './app-role-assignments.ts'
import { mergeDeep } from './application-view.ts'
import {
  isLimitedToOwned,
  requireCreatePermission,
  requireReadPermission,
  requireWritePermission,
} from './authorization.ts'
import {
  badRequest,
  duplicateKey,
  invalidProperty,
  methodNotAllowed,
  notFound,
  requestDenied,
  unknownSegment,
} from './errors.ts'
import { servicePrincipalFilters } from './filterable-properties.ts'
import { boundOwners, owners } from './owners.ts'
import { isVisible } from './replication.ts'
import { equalsIgnoreCase, type GraphCall, type ODataPath, prefersCreateIfMissing } from './request.ts'
import { collectionReply, countReply, createdLocation, entityReply } from './responses.ts'
import { servicePrincipalView } from './service-principal-view.ts'
import type { ServicePrincipalObject } from './state.ts'
import { readProperties, servicePrincipalProperties } from './writable-properties.ts'

const allServicePrincipals = (simulator: Simulator) =>
  Object.values(simulator.state.directory.servicePrincipals)

/** Handles `/servicePrincipals`. */
export function servicePrincipals(call: GraphCall, path: ODataPath): Reply {
  const { simulator } = call
  const { key, rest } = path
  if (!key) return handleCollection(call, rest)
  const matches = (each: ServicePrincipalObject) =>
    equalsIgnoreCase(key.by === 'appid' ? each.appId : each.id, key.value) && ['id', 'appid'].includes(key.by)
  const [subpath = '', ...more] = rest
  if (subpath === '' && call.method === 'PATCH' && prefersCreateIfMissing(call) && key.by === 'appid') {
    const known = allServicePrincipals(simulator).find(
      (each) => matches(each) && each.deletedAt === undefined,
    )
    if (!known) return create(call, { ...call.body(), appId: key.value })
    return handleObject(call, known)
  }
  requireReadPermission(call)
  const found = allServicePrincipals(simulator).find((each) => isVisible(simulator, each) && matches(each))
  if (!found) throw notFound(key.value)
  if (subpath === '') return handleObject(call, found)
  if (subpath.toLowerCase() === 'owners') return owners(call, found, more)
  if (subpath.toLowerCase() === 'approleassignments') return appRoleAssignments(call, found, more)
  throw unknownSegment(subpath)
}

function handleCollection(call: GraphCall, rest: string[]): Reply {
  const { simulator, method } = call
  if (method === 'POST' && rest.length === 0) return create(call, call.body())
  requireReadPermission(call)
  const collection = {
    context: 'servicePrincipals',
    resource: 'ServicePrincipal',
    rows: allServicePrincipals(simulator)
      .filter((each) => isVisible(simulator, each))
      .map((each) => servicePrincipalView(simulator, each)),
    filterable: servicePrincipalFilters,
  }
  if (method === 'GET' && rest[0] === '$count') return countReply(call, collection)
  if (method === 'GET' && rest.length === 0) return collectionReply(call, collection)
  throw methodNotAllowed()
}

function handleObject(call: GraphCall, principal: ServicePrincipalObject): Reply {
  const { simulator, method } = call
  if (method === 'GET')
    return entityReply(call, 'servicePrincipals', servicePrincipalView(simulator, principal))
  requireWritePermission(call, principal)
  if (method === 'PATCH') {
    const { appId, ...values } = readProperties(call.body(), servicePrincipalProperties, 'ServicePrincipal')
    if (appId !== undefined && !equalsIgnoreCase(appId, principal.appId))
      throw badRequest("Property 'appId' is read-only and cannot be set.")
    principal.body = mergeDeep(principal.body, values)
  } else if (method === 'DELETE') {
    // Managed identities are deleted only with their resource.
    if (principal.type === 'ManagedIdentity') throw requestDenied()
    principal.deletedAt = simulator.now()
  } else throw methodNotAllowed()
  simulator.markChanged()
  return { status: 204 }
}

function create(call: GraphCall, body: Record<string, unknown>): Reply {
  requireCreatePermission(call)
  const { simulator } = call
  const { appId, ...values } = readProperties(body, servicePrincipalProperties, 'ServicePrincipal')
  if (typeof appId !== 'string') throw invalidProperty('appId', 'ServicePrincipal')
  const application = Object.values(simulator.state.directory.applications).find(
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
  simulator.markChanged()
  const location = createdLocation(
    call,
    `directoryObjects/${id}/Microsoft.DirectoryServices.ServicePrincipal`,
  )
  return entityReply(
    call,
    'servicePrincipals',
    servicePrincipalView(simulator, principal, true),
    201,
    location,
  )
}

const requireApplicationWrite = (call: GraphCall, application: { owners?: string[] }) => {
  if (isLimitedToOwned(call)) requireWritePermission(call, application)
}
