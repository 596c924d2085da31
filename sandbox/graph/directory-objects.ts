import type { Reply } from '../http.ts'
import { applicationView } from './application-view.ts'
import { requireReadPermission } from './authorization.ts'
import { invalidProperty, methodNotAllowed, notFound, unknownSegment } from './errors.ts'
import { isVisible } from './replication.ts'
import { type GraphCall, type ODataPath, requireGuid } from './request.ts'
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

/** Handles `/directoryObjects`: one object by ID, or several by `getByIds`. */
export function directoryObjects(call: GraphCall, { key, rest }: ODataPath): Reply {
  requireReadPermission(call)
  if (!key || rest.length > 0) throw unknownSegment(rest[0] ?? 'directoryObjects')
  if (/^(microsoft\.graph\.)?getbyids$/i.test(key.value)) {
    if (call.method !== 'POST') throw methodNotAllowed()
    return getByIds(call)
  }
  const found = findObject(call, key.value)
  if (!found) throw notFound(key.value)
  return entityReply(call, 'directoryObjects', found)
}

function getByIds(call: GraphCall): Reply {
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
