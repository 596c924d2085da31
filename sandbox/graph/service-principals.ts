import type { Cloud } from '../cloud.ts'
import type { Reply } from '../http.ts'
import { appRoleAssignments } from './app-role-assignments.ts'
import { overlay } from './application-view.ts'
import { ownsWhatItCreates, requireCreate, requireRead, requireWrite } from './authorization.ts'
import { badRequest, denied, invalidValue, noSegment, notFound, sameKey } from './errors.ts'
import { principalFilters } from './filterable-properties.ts'
import { boundOwners, owners } from './owners.ts'
import { isSeen } from './replication.ts'
import { createsIfMissing, type GraphCall, type Named, same } from './request.ts'
import { count, entity, list, locationOf } from './responses.ts'
import { principalView } from './service-principal-view.ts'
import type { ServicePrincipal } from './state.ts'
import { principalProperties, readProperties } from './writable-properties.ts'

const all = (cloud: Cloud) => Object.values(cloud.world.directory.servicePrincipals)

/** Requests below `/servicePrincipals`. */
export function servicePrincipals(call: GraphCall, path: Named): Reply {
  const { cloud } = call
  const { key, rest } = path
  if (!key) return onCollection(call, rest)
  const matches = (each: ServicePrincipal) =>
    same(key.by === 'appid' ? each.appId : each.id, key.value) && ['id', 'appid'].includes(key.by)
  const [part = '', ...more] = rest
  if (part === '' && call.method === 'PATCH' && createsIfMissing(call) && key.by === 'appid') {
    const known = all(cloud).find((each) => matches(each) && each.deletedAt === undefined)
    if (!known) return create(call, { ...call.body(), appId: key.value })
    return onOne(call, known)
  }
  requireRead(call)
  const found = all(cloud).find((each) => isSeen(cloud, each) && matches(each))
  if (!found) throw notFound(key.value)
  if (part === '') return onOne(call, found)
  if (part.toLowerCase() === 'owners') return owners(call, found, more)
  if (part.toLowerCase() === 'approleassignments') return appRoleAssignments(call, found, more)
  throw noSegment(part)
}

function onCollection(call: GraphCall, rest: string[]): Reply {
  const { cloud, method } = call
  if (method === 'POST' && rest.length === 0) return create(call, call.body())
  requireRead(call)
  const collection = {
    context: 'servicePrincipals',
    resource: 'ServicePrincipal',
    rows: all(cloud)
      .filter((each) => isSeen(cloud, each))
      .map((each) => principalView(cloud, each)),
    filterable: principalFilters,
  }
  if (method === 'GET' && rest[0] === '$count') return count(call, collection)
  if (method === 'GET' && rest.length === 0) return list(call, collection)
  throw badRequest('Specified HTTP method is not allowed for the request target.')
}

function onOne(call: GraphCall, principal: ServicePrincipal): Reply {
  const { cloud, method } = call
  if (method === 'GET') return entity(call, 'servicePrincipals', principalView(cloud, principal))
  requireWrite(call, principal)
  if (method === 'PATCH') {
    const { appId, ...values } = readProperties(call.body(), principalProperties, 'ServicePrincipal')
    if (appId !== undefined && !same(appId, principal.appId))
      throw badRequest("Property 'appId' is read-only and cannot be set.")
    principal.body = overlay(principal.body, values)
  } else if (method === 'DELETE') {
    // Managed identities come and go with their resource only.
    if (principal.type === 'ManagedIdentity') throw denied()
    principal.deletedAt = cloud.now()
  } else throw badRequest('Specified HTTP method is not allowed for the request target.')
  cloud.changed()
  return { status: 204 }
}

function create(call: GraphCall, body: Record<string, unknown>): Reply {
  requireCreate(call)
  const { cloud } = call
  const { appId, ...values } = readProperties(body, principalProperties, 'ServicePrincipal')
  if (typeof appId !== 'string') throw invalidValue('appId', 'ServicePrincipal')
  const application = Object.values(cloud.world.directory.applications).find(
    (each) => same(each.appId, appId) && isSeen(cloud, each),
  )
  if (!application) {
    if (ownsWhatItCreates(call))
      throw denied(
        'When using this permission, the backing application of the service principal being created must in the local tenant',
      )
    const message = `The appId '${appId}' of the service principal does not reference a valid application object.`
    throw badRequest(message, [{ code: 'NoBackingApplicationObject', target: 'appId', message }])
  }
  requireWriteOfBacking(call, application)
  if (all(cloud).some((each) => same(each.appId, appId) && each.deletedAt === undefined))
    throw sameKey(
      `The service principal cannot be created, updated, or restored because the service principal name ${appId} is already in use.`,
    )
  const id = crypto.randomUUID()
  const owning = [...boundOwners(call, body), ...(ownsWhatItCreates(call) ? [call.caller.oid] : [])]
  const principal: ServicePrincipal = {
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
  const location = locationOf(call, `directoryObjects/${id}/Microsoft.DirectoryServices.ServicePrincipal`)
  return entity(call, 'servicePrincipals', principalView(cloud, principal, true), 201, location)
}

const requireWriteOfBacking = (call: GraphCall, application: { owners?: string[] }) => {
  if (ownsWhatItCreates(call)) requireWrite(call, application)
}
