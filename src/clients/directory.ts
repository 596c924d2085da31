/** A federated identity credential, on an application or a managed identity. */
export interface FederatedCredential {
  name: string
  issuer: string
  /** Empty if an expression decides which tokens are accepted. */
  subject: string
  /** Claims matching expression of a flexible credential: `claims['sub'] matches 'repo:acme/*'`. */
  expression?: string
  audience: string
}

export interface Application {
  objectId: string
  clientId: string
  displayName: string
  uniqueName: string | undefined
  tags: string[]
  /** The number of passwords and certificates; federated credentials don't count. */
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

/** An application permission (app role) for Microsoft Graph or another API that is granted to a principal. */
export interface AppPermission {
  id: string
  /** The API, such as `Microsoft Graph`. */
  resource: string
  role: string
}

/** The directory in Microsoft Graph: applications, their service principals and credentials. */
export interface Directory {
  /** Returns whether the caller can register applications, according to the token and the tenant's policy; undefined if unknown. */
  canRegisterApplications(): Promise<boolean | undefined>
  application(uniqueName: string): Promise<Application | undefined>
  applicationByClientId(clientId: string): Promise<Application | undefined>
  /** Returns the applications with a federated credential for the subject, with any issuer. */
  applicationsTrusting(subject: string): Promise<Application[]>
  applicationsNamed(displayName: string): Promise<Application[]>
  /** Returns the soft-deleted application with the unique name, which it reserves for 30 days. */
  deletedApplication(uniqueName: string): Promise<Application | undefined>
  createApplication(application: { uniqueName: string; displayName: string; tags: string[] }): Promise<void>
  restoreApplication(objectId: string): Promise<void>
  removeApplication(objectId: string): Promise<void>
  /** Permanently deletes a soft-deleted application and its service principal. */
  purgeApplication(application: { objectId: string; clientId: string }): Promise<void>
  servicePrincipal(clientId: string): Promise<ServicePrincipal | undefined>
  createServicePrincipal(principal: { clientId: string; tags: string[] }): Promise<void>
  removeServicePrincipal(objectId: string): Promise<void>
  credentials(objectId: string): Promise<FederatedCredential[]>
  /** Returns an application's passwords and certificates. */
  keys(objectId: string): Promise<ApplicationKey[]>
  /** Returns the object IDs of an application's owners. */
  owners(objectId: string): Promise<string[]>
  /** Returns the object IDs of the groups that a service principal is a member of, also through other groups. */
  groupsOf(principalId: string): Promise<string[]>
  permissions(principalId: string): Promise<AppPermission[]>
  /** Creates the credential, or updates the one with the same name. */
  putCredential(objectId: string, credential: FederatedCredential): Promise<void>
  removeCredential(objectId: string, name: string): Promise<void>
}
