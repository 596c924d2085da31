import type { ApplicationObject, FederatedCredentialObject, ServicePrincipalObject } from '../graph/state.ts'
import type { Simulator } from '../simulator.ts'
import { EntraError, invalidClient } from './errors.ts'

/** A client of the token endpoint: an application or a user-assigned identity. */
export interface OAuthClient {
  id: string
  displayName: string
  principal: ServicePrincipalObject
  secrets: ApplicationObject['secrets']
  credentials: FederatedCredentialObject[]
}

const same = (a: unknown, b: string) => typeof a === 'string' && a.toLowerCase() === b.toLowerCase()

/** Finds a client and its enabled service principal. Throws AADSTS700016, 7000229 or 7000112. */
export function findClient(simulator: Simulator, clientId: string): OAuthClient {
  const found = findApplication(simulator, clientId) ?? findUserAssignedIdentity(simulator, clientId)
  const { tenant, directory } = simulator.state
  if (!found)
    throw new EntraError(
      700016,
      'unauthorized_client',
      400,
      `Application with identifier '${clientId}' was not found in the directory '${tenant.displayName}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.`,
    )
  const principal = Object.values(directory.servicePrincipals).find(
    (each) => same(each.appId, clientId) && each.deletedAt === undefined,
  )
  if (!principal || simulator.isPending(principal.createdAt, 'directoryLag'))
    throw invalidClient(
      7000229,
      `The client application ${found.id} is missing service principal in the tenant ${tenant.id}. See instructions here: https://go.microsoft.com/fwlink/?linkid=2225119`,
    )
  if (principal.body.accountEnabled === false)
    throw new EntraError(
      7000112,
      'unauthorized_client',
      400,
      `Application '${found.id}'(${found.displayName}) is disabled.`,
    )
  return { ...found, principal }
}

function findApplication(simulator: Simulator, clientId: string): Omit<OAuthClient, 'principal'> | undefined {
  const found = Object.values(simulator.state.directory.applications).find(
    (each) => same(each.appId, clientId) && each.deletedAt === undefined,
  )
  if (!found || simulator.isPending(found.createdAt, 'directoryLag')) return undefined
  return {
    id: found.appId,
    displayName: String(found.body.displayName ?? ''),
    secrets: found.secrets,
    credentials: found.credentials,
  }
}

function findUserAssignedIdentity(
  simulator: Simulator,
  clientId: string,
): Omit<OAuthClient, 'principal'> | undefined {
  const found = Object.values(simulator.state.arm.resources).find(
    ({ body }) =>
      same(body.type, 'Microsoft.ManagedIdentity/userAssignedIdentities') &&
      same(body.properties.clientId, clientId),
  )
  if (!found || simulator.isPending(found.createdAt, 'directoryLag')) return undefined
  return {
    id: String(found.body.properties.clientId),
    displayName: found.body.name,
    secrets: [],
    credentials: found.credentials ?? [],
  }
}
