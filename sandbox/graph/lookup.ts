import type { Simulator } from '../simulator.ts'
import { requireReadPermission } from './authorization.ts'
import { notFound } from './errors.ts'
import { isVisible } from './replication.ts'
import { equalsIgnoreCase, type GraphCall, type Key, keyOf } from './request.ts'
import type { ApplicationObject, ServicePrincipalObject } from './state.ts'

export const allApplications = ({ state }: Simulator) => Object.values(state.directory.applications)

export const allServicePrincipals = ({ state }: Simulator) => Object.values(state.directory.servicePrincipals)

export function applicationHasKey(application: ApplicationObject, { by, value }: Key): boolean {
  if (by === 'appid') return equalsIgnoreCase(application.appId, value)
  if (by === 'uniquename') return equalsIgnoreCase(application.uniqueName, value)
  return by === 'id' && equalsIgnoreCase(application.id, value)
}

export function servicePrincipalHasKey(principal: ServicePrincipalObject, { by, value }: Key): boolean {
  if (by === 'appid') return equalsIgnoreCase(principal.appId, value)
  return by === 'id' && equalsIgnoreCase(principal.id, value)
}

/** Returns the application that the path names. Throws 403 or 404. */
export function requireApplication(
  call: GraphCall,
  isReachable: (application: ApplicationObject) => boolean = (each) => isVisible(call.simulator, each),
): ApplicationObject {
  requireReadPermission(call)
  const key = keyOf(call)
  const found = allApplications(call.simulator).find(
    (each) => isReachable(each) && applicationHasKey(each, key),
  )
  if (!found) throw notFound(key.value)
  return found
}

/** Returns the service principal that the path names. Throws 403 or 404. */
export function requireServicePrincipal(call: GraphCall): ServicePrincipalObject {
  requireReadPermission(call)
  const key = keyOf(call)
  const found = allServicePrincipals(call.simulator).find(
    (each) => isVisible(call.simulator, each) && servicePrincipalHasKey(each, key),
  )
  if (!found) throw notFound(key.value)
  return found
}
