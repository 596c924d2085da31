import type { Directory } from '../directory.ts'
import { makeApplications, makeCredentials } from './applications.ts'
import type { GraphOptions } from './graph-client.ts'
import { literal, makeGraphRequests } from './graph-requests.ts'
import {
  type GraphAppRoleAssignment,
  type GraphServicePrincipal,
  toPermission,
  toServicePrincipal,
} from './objects.ts'
import { readRegistrationRight } from './registration-right.ts'

export function makeDirectory(options: GraphOptions): Directory {
  const requests = makeGraphRequests(options)
  const { get, list, post, remove } = requests
  return {
    ...makeApplications(requests),
    ...makeCredentials(requests),
    canRegisterApplications: () => readRegistrationRight(options, requests),
    servicePrincipal: async (clientId) => {
      const principal = await get<GraphServicePrincipal>(
        `/servicePrincipals(appId=${literal(clientId)})?$select=id,appId,displayName,accountEnabled,tags`,
      )
      return principal && toServicePrincipal(principal)
    },
    createServicePrincipal: ({ clientId, tags }) => post('/servicePrincipals', { appId: clientId, tags }),
    removeServicePrincipal: (objectId) => remove(`/servicePrincipals/${objectId}`),
    groupsOf: async (principalId) =>
      (await list<{ id: string }>(`/servicePrincipals/${principalId}/transitiveMemberOf?$select=id`)).map(
        ({ id }) => id,
      ),
    permissions: async (principalId) => {
      const path = `/servicePrincipals/${principalId}/appRoleAssignments`
      return (await list<GraphAppRoleAssignment>(path)).map(toPermission)
    },
  }
}
