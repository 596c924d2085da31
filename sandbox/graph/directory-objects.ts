import type { Reply } from '../http.ts'
import { applicationView } from './application-view.ts'
import { requireReadPermission } from './authorization.ts'
import { invalidProperty, notFound } from './errors.ts'
import { isVisible } from './replication.ts'
import { type GraphCall, keyOf, requireGuid } from './request.ts'
import { collectionReply, entityReply, type View } from './responses.ts'
import { servicePrincipalView } from './service-principal-view.ts'

/** Finds an application or service principal by object ID and returns it with its type. */
function findObject({ simulator }: GraphCall, id: string): View | undefined {
  const { applications, servicePrincipals } = simulator.state.directory
  const application = applications[id.toLowerCase()]
  if (application && isVisible(simulator, application))
    return { '@odata.type': '#microsoft.graph.application', ...applicationView(simulator, application) }
  const principal = servicePrincipals[id.toLowerCase()]
  if (principal && isVisible(simulator, principal))
    return {
      '@odata.type': '#microsoft.graph.servicePrincipal',
      ...servicePrincipalView(simulator, principal),
    }
  return undefined
}

export function getDirectoryObject(call: GraphCall): Reply {
  requireReadPermission(call)
  const { value } = keyOf(call)
  const found = findObject(call, value)
  if (!found) throw notFound(value)
  return entityReply(call, 'directoryObjects', found)
}

export function getByIds(call: GraphCall): Reply {
  requireReadPermission(call)
  const { ids, types } = call.body()
  if (!Array.isArray(ids) || ids.length === 0 || ids.length > 1000)
    throw invalidProperty('ids', 'DirectoryObject')
  ids.forEach(requireGuid)
  if (types != null && !(Array.isArray(types) && types.every((type) => typeof type === 'string')))
    throw invalidProperty('types', 'DirectoryObject')
  const wantedTypes =
    Array.isArray(types) && types.length > 0 ? types.map((type) => type.toLowerCase()) : ['directoryobject']
  const rows = [...new Set(ids as string[])]
    .map((id) => findObject(call, id))
    .filter((view) => view !== undefined)
    .filter((view) => {
      const type = String(view['@odata.type']).split('.').at(-1)!.toLowerCase()
      return wantedTypes.includes('directoryobject') || wantedTypes.includes(type)
    })
  const reply = collectionReply(call, { context: 'directoryObjects', resource: 'DirectoryObject', rows })
  return { ...reply, headers: { ...reply.headers, location: call.simulator.addresses.graph } }
}
