import type { StateSeed } from '../service.ts'

/** A federated identity credential of an application or a user-assigned identity. */
export interface FederatedCredentialObject {
  id: string
  name: string
  issuer: string
  /** Null if `claimsMatchingExpression` decides which tokens are accepted. */
  subject: string | null
  claimsMatchingExpression?: { value: string; languageVersion: 1 }
  description: string | null
  audiences: string[]
  createdAt: number
  /** Time of the last write. The token service uses the credential only after `credentialLag`. */
  changedAt: number
}

/** An application registration. `body` holds the properties that no service here interprets, as sent. */
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
  /** Object IDs of the owners. */
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
  /** Granted application permissions. */
  appRoleAssignments?: { id: string; appRoleId: string; resourceId: string; createdAt: number }[]
  /** Object IDs of the owners. */
  owners?: string[]
  /** ARM ID of the user-assigned identity. */
  managedIdentityId?: string
}

/** The tenant's objects by object ID. Deleted objects remain, with `deletedAt`, until their retention ends. */
export interface DirectoryState {
  applications: Record<string, ApplicationObject>
  servicePrincipals: Record<string, ServicePrincipalObject>
  groups?: Record<string, GroupObject>
}

/** A security group. `members` are object IDs of service principals and groups. */
export interface GroupObject {
  id: string
  displayName: string
  mailNickname: string
  description: string | null
  createdAt: number
  members: string[]
}

export function newDirectoryState({ now, operator }: StateSeed): DirectoryState {
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
        directoryRights: ['Application.ReadWrite.All', 'Directory.Read.All', 'Group.ReadWrite.All'],
      },
    },
  }
}

declare module '../sandbox-state.ts' {
  interface SandboxState {
    directory: DirectoryState
  }
}
