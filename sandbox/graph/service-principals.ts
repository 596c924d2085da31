import type { Cloud } from '../cloud.ts'
import type { Reply } from '../http.ts'
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

const all = (cloud: Cloud) => Object.values(cloud.world.directory.servicePrincipals)

/** Requests below `/servicePrincipals`. */
export function servicePrincipals(call: GraphCall, path: ODataPath): Reply {
  const { cloud } = call
  const { key, rest } = path
  if (!key) return onCollection(call, rest)
  const matches = (each: ServicePrincipalObject) =>
    equalsIgnoreCase(key.by === 'appid' ? each.appId : each.id, key.value) && ['id', 'appid'].includes(key.by)
  const [part = '', ...more] = rest
  if (part === '' && call.method === 'PATCH' && prefersCreateIfMissing(call) && key.by === 'appid') {
    const known = all(cloud).find((each) => matches(each) && each.deletedAt === undefined)
    if (!known) return create(call, { ...call.body(), appId: key.value })
    return onOne(call, known)
  }
  requireReadPermission(call)
  const found = all(cloud).find((each) => isVisible(cloud, each) && matches(each))
  if (!found) throw notFound(key.value)
  if (part === '') return onOne(call, found)
  if (part.toLowerCase() === 'owners') return owners(call, found, more)
  if (part.toLowerCase() === 'approleassignments') return appRoleAssignments(call, found, more)
  throw unknownSegment(part)
}

function onCollection(call: GraphCall, rest: string[]): Reply {
  const { cloud, method } = call
  if (method === 'POST' && rest.length === 0) return create(call, call.body())
  requireReadPermission(call)
  const collection = {
    context: 'servicePrincipals',
    resource: 'ServicePrincipal',
    rows: all(cloud)
      .filter((each) => isVisible(cloud, each))
      .map((each) => servicePrincipalView(cloud, each)),
    filterable: servicePrincipalFilters,
  }
  if (method === 'GET' && rest[0] === '$count') return countReply(call, collection)
  if (method === 'GET' && rest.length === 0) return collectionReply(call, collection)
  throw badRequest('Specified HTTP method is not allowed for the request target.')
}

function onOne(call: GraphCall, principal: ServicePrincipalObject): Reply {
  const { cloud, method } = call
  if (method === 'GET') return entityReply(call, 'servicePrincipals', servicePrincipalView(cloud, principal))
  requireWritePermission(call, principal)
  if (method === 'PATCH') {
    const { appId, ...values } = readProperties(call.body(), servicePrincipalProperties, 'ServicePrincipal')
    if (appId !== undefined && !equalsIgnoreCase(appId, principal.appId))
      throw badRequest("Property 'appId' is read-only and cannot be set.")
    principal.body = mergeDeep(principal.body, values)
  } else if (method === 'DELETE') {
    // Managed identities come and go with their resource only.
    if (principal.type === 'ManagedIdentity') throw requestDenied()
    principal.deletedAt = cloud.now()
  } else throw badRequest('Specified HTTP method is not allowed for the request target.')
  cloud.changed()
  return { status: 204 }
}

function create(call: GraphCall, body: Record<string, unknown>): Reply {
  requireCreatePermission(call)
  const { cloud } = call
  const { appId, ...values } = readProperties(body, servicePrincipalProperties, 'ServicePrincipal')
  if (typeof appId !== 'string') throw invalidProperty('appId', 'ServicePrincipal')
  const application = Object.values(cloud.world.directory.applications).find(
    (each) => equalsIgnoreCase(each.appId, appId) && isVisible(cloud, each),
  )
  if (!application) {
    if (isLimitedToOwned(call))
      throw requestDenied(
        'When using this permission, the backing application of the service principal being created must in the local tenant',
      )
    const message = `The appId '${appId}' of the service principal does not reference a valid application object.`
    throw badRequest(message, [{ code: 'NoBackingApplicationObject', target: 'appId', message }])
  }
  requireWriteOfBacking(call, application)
  if (all(cloud).some((each) => equalsIgnoreCase(each.appId, appId) && each.deletedAt === undefined))
    throw duplicateKey(
      `The service principal cannot be created, updated, or restored because the service principal name ${appId} is already in use.`,
    )
  const id = crypto.randomUUID()
  const owning = [...boundOwners(call, body), ...(isLimitedToOwned(call) ? [call.caller.oid] : [])]
  const principal: ServicePrincipalObject = {
    id,
    appId: application.appId,
    type: 'Application',
    createdAt: cloud.now(),
    body: values,
    directoryRights: [],
    owners: [...new Set(owning)],
  }
  cloud.world.directory.servicePrincipals[id] = principal
  cloud.changed()
  const location = createdLocation(
    call,
    `directoryObjects/${id}/Microsoft.DirectoryServices.ServicePrincipal`,
  )
  return entityReply(call, 'servicePrincipals', servicePrincipalView(cloud, principal, true), 201, location)
}

const requireWriteOfBacking = (call: GraphCall, application: { owners?: string[] }) => {
  if (isLimitedToOwned(call)) requireWritePermission(call, application)
}
