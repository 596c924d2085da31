import { sha256 } from '../sha256.ts'
import type { Simulator } from '../simulator.ts'
import { formatSeconds, mergeDeep, noPublisher, noUrls } from './application-view.ts'
import { equalsIgnoreCase } from './request.ts'
import type { View } from './responses.ts'
import type { ApplicationObject, ServicePrincipalObject } from './state.ts'

/** Finds the application of a service principal, deleted or not. */
const findApplication = (
  simulator: Simulator,
  { appId, type }: ServicePrincipalObject,
): ApplicationObject | undefined =>
  type === 'Application'
    ? Object.values(simulator.state.directory.applications).find((each) =>
        equalsIgnoreCase(each.appId, appId),
      )
    : undefined

/** Returns all properties of a service principal. Its display name is the application's. */
export function servicePrincipalView(simulator: Simulator, principal: ServicePrincipalObject): View {
  const application = findApplication(simulator, principal)
  const isManagedIdentity = principal.type === 'ManagedIdentity'
  const uris = (application?.body.identifierUris as string[] | undefined) ?? []
  const hash = sha256(principal.id).toString('base64')
  const displayName = application?.body.displayName ?? principal.body.displayName ?? null
  const defaults = {
    id: principal.id,
    deletedDateTime: principal.deletedAt === undefined ? null : formatSeconds(principal.deletedAt),
    accountEnabled: true,
    displayName,
    alternativeNames: isManagedIdentity
      ? [`isExplicit=${principal.managedIdentityId ? 'True' : 'False'}`, principal.managedIdentityId].filter(
          Boolean,
        )
      : [],
    appDisplayName: isManagedIdentity ? null : displayName,
    appDescription: null,
    appId: principal.appId,
    applicationTemplateId: null,
    appOwnerOrganizationId: isManagedIdentity ? null : simulator.state.tenant.id,
    appRoleAssignmentRequired: false,
    createdDateTime: formatSeconds(principal.createdAt),
    description: null,
    disabledByMicrosoftStatus: null,
    homepage: null,
    loginUrl: null,
    logoutUrl: null,
    notes: null,
    notificationEmailAddresses: [],
    preferredSingleSignOnMode: null,
    preferredTokenSigningKeyThumbprint: null,
    replyUrls: [],
    servicePrincipalNames: isManagedIdentity
      ? [principal.appId, `https://identity.azure.net/${hash}`]
      : [principal.appId, ...uris],
    servicePrincipalType: principal.type,
    signInAudience: isManagedIdentity ? null : (application?.body.signInAudience ?? 'AzureADMyOrg'),
    tags: [],
    tokenEncryptionKeyId: null,
    samlSingleSignOnSettings: null,
    addIns: [],
    appRoles: application?.body.appRoles ?? [],
    info: noUrls,
    keyCredentials: [],
    oauth2PermissionScopes: [],
    passwordCredentials: [],
    resourceSpecificApplicationPermissions: [],
    verifiedPublisher: noPublisher,
  }
  return { ...mergeDeep(defaults, principal.body), displayName }
}
