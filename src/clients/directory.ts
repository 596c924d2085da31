/** A federated identity credential, on an application or a managed identity. */
export interface FederatedCredential {
  name: string
  issuer: string
  subject: string
  audience: string
}

export interface Application {
  objectId: string
  clientId: string
  displayName: string
  uniqueName: string | undefined
  tags: string[]
  /** How many passwords and certificates it signs in with, beside federated credentials. */
  keys: number
}

export interface ServicePrincipal {
  objectId: string
  clientId: string
  displayName: string
  enabled: boolean
  tags: string[]
}

/** A password or certificate of an application. */
export interface ApplicationKey {
  id: string
  kind: 'password' | 'certificate'
}

/** An application permission that a principal holds, of Graph or another API. */
export interface AppPermission {
  id: string
  /** The API: `Microsoft Graph`. */
  resource: string
  role: string
}

/** Microsoft Graph's part: applications, their service principals and credentials. */
export interface Directory {
  /** Whether the caller may register applications, as their token and the tenant's policy tell; undefined where they do not. */
  canRegisterApplications(): Promise<boolean | undefined>
  application(uniqueName: string): Promise<Application | undefined>
  applicationByClientId(clientId: string): Promise<Application | undefined>
  /** Those with a federated credential for this subject, of whichever issuer. */
  applicationsTrusting(subject: string): Promise<Application[]>
  applicationsNamed(displayName: string): Promise<Application[]>
  /** A soft-deleted application of this unique name; it blocks the name for 30 days. */
  deletedApplication(uniqueName: string): Promise<Application | undefined>
  createApplication(of: { uniqueName: string; displayName: string; tags: string[] }): Promise<void>
  restoreApplication(objectId: string): Promise<void>
  removeApplication(objectId: string): Promise<void>
  /** Ends a deleted one for good, and its service principal with it. */
  purgeApplication(of: { objectId: string; clientId: string }): Promise<void>
  servicePrincipal(clientId: string): Promise<ServicePrincipal | undefined>
  createServicePrincipal(of: { clientId: string; tags: string[] }): Promise<void>
  removeServicePrincipal(objectId: string): Promise<void>
  credentials(objectId: string): Promise<FederatedCredential[]>
  /** An application's passwords and certificates. */
  keys(objectId: string): Promise<ApplicationKey[]>
  /** Object ids of an application's owners. */
  owners(objectId: string): Promise<string[]>
  permissions(principalId: string): Promise<AppPermission[]>
  /** Creates, or changes the one of that name. */
  putCredential(objectId: string, credential: FederatedCredential): Promise<void>
  removeCredential(objectId: string, name: string): Promise<void>
}
