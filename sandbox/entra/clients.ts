import type { Cloud } from '../cloud.ts'
import type { ApplicationObject, FederatedCredentialObject, ServicePrincipalObject } from '../graph/state.ts'
import { EntraError, invalidClient } from './errors.ts'

/** Who asks for a token: an application, or a user-assigned identity. */
export interface OAuthClient {
  id: string
  displayName: string
  principal: ServicePrincipalObject
  secrets: ApplicationObject['secrets']
  credentials: FederatedCredentialObject[]
}

const same = (a: unknown, b: string) => typeof a === 'string' && a.toLowerCase() === b.toLowerCase()

/** Finds the client by its client id, with its service principal in good standing. Throws 700016, 7000229 or 7000112. */
export function findClient(cloud: Cloud, clientId: string): OAuthClient {
  const found = application(cloud, clientId) ?? userAssignedIdentity(cloud, clientId)
  const { tenant, directory } = cloud.world
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
  if (!principal || cloud.lags(principal.createdAt, 'directoryLag'))
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

function application(cloud: Cloud, clientId: string): Omit<OAuthClient, 'principal'> | undefined {
  const found = Object.values(cloud.world.directory.applications).find(
    (each) => same(each.appId, clientId) && each.deletedAt === undefined,
  )
  if (!found || cloud.lags(found.createdAt, 'directoryLag')) return undefined
  return {
    id: found.appId,
    displayName: String(found.body.displayName ?? ''),
    secrets: found.secrets,
    credentials: found.credentials,
  }
}

function userAssignedIdentity(cloud: Cloud, clientId: string): Omit<OAuthClient, 'principal'> | undefined {
  const found = Object.values(cloud.world.arm.resources).find(
    ({ body }) =>
      same(body.type, 'Microsoft.ManagedIdentity/userAssignedIdentities') &&
      same(body.properties.clientId, clientId),
  )
  if (!found || cloud.lags(found.createdAt, 'directoryLag')) return undefined
  return {
    id: String(found.body.properties.clientId),
    displayName: found.body.name,
    secrets: [],
    credentials: found.credentials ?? [],
  }
}
