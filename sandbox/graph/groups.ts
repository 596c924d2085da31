import type { Reply } from '../http.ts'
import { ownProperty } from '../own-property.ts'
import type { Simulator } from '../simulator.ts'
import { formatSeconds } from './application-view.ts'
import { requireGroupWritePermission, requireReadPermission } from './authorization.ts'
import { badRequest, invalidProperty, notFound } from './errors.ts'
import { groupFilters } from './filterable-properties.ts'
import { requireServicePrincipal } from './lookup.ts'
import { referencedId } from './owners.ts'
import { type GraphCall, keyOf } from './request.ts'
import { collectionReply, createdLocation, entityReply, type View } from './responses.ts'
import { servicePrincipalView } from './service-principal-view.ts'
import type { GroupObject } from './state.ts'

const allGroups = ({ state }: Simulator) => Object.values(state.directory.groups ?? {})

/** Returns the IDs of the groups that the principal is a member of, directly or through other groups. */
export function groupsOf(simulator: Simulator, principalId: string): string[] {
  const found = new Set<string>()
  const visit = (member: string) => {
    for (const { id, members } of allGroups(simulator))
      if (!found.has(id) && members.includes(member.toLowerCase())) {
        found.add(id)
        visit(id)
      }
  }
  visit(principalId)
  return [...found]
}

const groupView = (group: GroupObject): View => ({
  id: group.id,
  deletedDateTime: null,
  createdDateTime: formatSeconds(group.createdAt),
  description: group.description,
  displayName: group.displayName,
  groupTypes: [],
  mail: null,
  mailEnabled: false,
  mailNickname: group.mailNickname,
  securityEnabled: true,
  visibility: null,
})

function requireGroup(call: GraphCall): GroupObject {
  requireReadPermission(call)
  const { value } = keyOf(call)
  const found = ownProperty(call.simulator.state.directory.groups ?? {}, value.toLowerCase())
  if (!found) throw notFound(value)
  return found
}

const groupCollection = (call: GraphCall, groups: GroupObject[]) =>
  collectionReply(call, {
    context: 'groups',
    resource: 'Group',
    rows: groups.map(groupView),
    filterable: groupFilters,
  })

export function listGroups(call: GraphCall): Reply {
  requireReadPermission(call)
  return groupCollection(call, allGroups(call.simulator))
}

export const getGroup = (call: GraphCall): Reply => entityReply(call, 'groups', groupView(requireGroup(call)))

/** Creates a security group. Mail-enabled and Microsoft 365 groups are not simulated. */
export function createGroup(call: GraphCall): Reply {
  requireGroupWritePermission(call)
  const { displayName, mailNickname, description = null, mailEnabled, securityEnabled } = call.body()
  if (typeof displayName !== 'string' || !displayName) throw invalidProperty('displayName', 'Group')
  if (typeof mailNickname !== 'string' || !mailNickname) throw invalidProperty('mailNickname', 'Group')
  if (mailEnabled !== false) throw invalidProperty('mailEnabled', 'Group')
  if (securityEnabled !== true) throw invalidProperty('securityEnabled', 'Group')
  if (description !== null && typeof description !== 'string') throw invalidProperty('description', 'Group')
  const id = crypto.randomUUID()
  const group = { id, displayName, mailNickname, description, createdAt: call.simulator.now(), members: [] }
  call.simulator.state.directory.groups ??= {}
  call.simulator.state.directory.groups[id] = group
  const location = createdLocation(call, `directoryObjects/${id}/Microsoft.DirectoryServices.Group`)
  return entityReply(call, 'groups', groupView(group), 201, location)
}

export function deleteGroup(call: GraphCall): Reply {
  const { id } = requireGroup(call)
  requireGroupWritePermission(call)
  delete call.simulator.state.directory.groups?.[id]
  return { status: 204 }
}

function memberView(simulator: Simulator, id: string): View | undefined {
  const { servicePrincipals, groups } = simulator.state.directory
  const principal = servicePrincipals[id]
  if (principal)
    return {
      '@odata.type': '#microsoft.graph.servicePrincipal',
      ...servicePrincipalView(simulator, principal),
    }
  const group = groups?.[id]
  return group && { '@odata.type': '#microsoft.graph.group', ...groupView(group) }
}

const directoryCollection = (call: GraphCall, ids: readonly string[]) =>
  collectionReply(call, {
    context: 'directoryObjects',
    resource: 'DirectoryObject',
    rows: ids.map((id) => memberView(call.simulator, id)).filter((view) => view !== undefined),
  })

export const listMembers = (call: GraphCall): Reply => directoryCollection(call, requireGroup(call).members)

export function addMember(call: GraphCall): Reply {
  const group = requireGroup(call)
  requireGroupWritePermission(call)
  const id = referencedId(call.body()['@odata.id'])
  if (!id) throw invalidProperty('@odata.id', 'DirectoryObject')
  if (!memberView(call.simulator, id)) throw notFound(id)
  if (group.members.includes(id))
    throw badRequest(
      "One or more added object references already exist for the following modified properties: 'members'.",
    )
  group.members.push(id)
  return { status: 204 }
}

export function removeMember(call: GraphCall): Reply {
  const group = requireGroup(call)
  requireGroupWritePermission(call)
  const id = (call.params.member ?? '').toLowerCase()
  if (!group.members.includes(id)) throw notFound(id)
  group.members = group.members.filter((each) => each !== id)
  return { status: 204 }
}

/** The groups that a service principal is a direct member of. */
export function listGroupsOfMember(call: GraphCall): Reply {
  const { id } = requireServicePrincipal(call)
  return directoryCollection(
    call,
    allGroups(call.simulator).flatMap((group) => (group.members.includes(id) ? [group.id] : [])),
  )
}

/** The groups that a service principal is a member of, directly or through other groups. */
export const listAllGroupsOfMember = (call: GraphCall): Reply =>
  directoryCollection(call, groupsOf(call.simulator, requireServicePrincipal(call).id))
