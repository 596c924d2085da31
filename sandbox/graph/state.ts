/** A federated identity credential, on an application or on a user-assigned identity. */
export interface FederatedCredentialObject {
  id: string
  name: string
  issuer: string
  subject: string
  description: string | null
  audiences: string[]
  createdAt: number
  /** Last write; the token service works with it only after the propagation time. */
  changedAt: number
}

/** An application registration: what the services decide by, and `body` with all other members as sent. */
export interface ApplicationObject {
  id: string
  appId: string
  uniqueName: string | null
  createdAt: number
  deletedAt?: number
  body: Record<string, unknown>
  secrets: {
    keyId: string
    hint: string
    value: string
    displayName: string | null
    startsAt: number
    endsAt: number
  }[]
  credentials: FederatedCredentialObject[]
  /** Object ids of the owners. */
  owners?: string[]
}

export interface ServicePrincipalObject {
  id: string
  appId: string
  type: 'Application' | 'ManagedIdentity'
  createdAt: number
  deletedAt?: number
  body: Record<string, unknown>
  /** Microsoft Graph application permissions and directory roles, by name: `Application.ReadWrite.All`. */
  directoryRights: string[]
  /** Application permissions that were granted to it. */
  appRoleAssignments?: { id: string; appRoleId: string; resourceId: string; createdAt: number }[]
  /** Object ids of the owners. */
  owners?: string[]
  /** ARM id of the user-assigned identity behind it. */
  managedIdentityId?: string
}

/** The tenant's objects by object id. Deleted ones stay, with `deletedAt`. */
export interface DirectoryState {
  applications: Record<string, ApplicationObject>
  servicePrincipals: Record<string, ServicePrincipalObject>
}

export function newDirectoryState(
  now: number,
  _tenant: { id: string },
  operator: { clientId: string; clientSecret: string; objectId: string; displayName: string },
): DirectoryState {
  const longAgo = now - 86_400_000
  const appObjectId = crypto.randomUUID()
  return {
    applications: {
      [appObjectId]: {
        id: appObjectId,
        appId: operator.clientId,
        uniqueName: null,
        createdAt: longAgo,
        body: { displayName: operator.displayName, signInAudience: 'AzureADMyOrg' },
        secrets: [
          {
            keyId: crypto.randomUUID(),
            hint: operator.clientSecret.slice(0, 3),
            value: operator.clientSecret,
            displayName: 'sandbox',
            startsAt: longAgo,
            endsAt: now + 3650 * 86_400_000,
          },
        ],
        credentials: [],
      },
    },
    servicePrincipals: {
      [operator.objectId]: {
        id: operator.objectId,
        appId: operator.clientId,
        type: 'Application',
        createdAt: longAgo,
        body: { displayName: operator.displayName },
        directoryRights: ['Application.ReadWrite.All', 'Directory.Read.All'],
      },
    },
  }
}
