import type { Simulator } from '../simulator.ts'
import type { View } from './responses.ts'
import type { ApplicationObject } from './state.ts'

const isObject = (value: unknown): value is View =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Lays what was sent over what is the default, into the objects too. */
export function mergeDeep(defaults: View, sent: View): View {
  const merged = { ...defaults }
  for (const [name, value] of Object.entries(sent)) {
    const known = defaults[name]
    merged[name] = isObject(known) && isObject(value) ? mergeDeep(known, value) : value
  }
  return merged
}

/** `2026-01-01T00:00:00Z` */
export const formatSeconds = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`

/** `2026-01-01T00:00:00.1234567Z`, as the answer to a creation dates things. */
export const formatTicks = (ms: number) => new Date(ms).toISOString().replace('Z', '0000Z')

export const noUrls = {
  termsOfServiceUrl: null,
  supportUrl: null,
  privacyStatementUrl: null,
  marketingUrl: null,
  logoUrl: null,
}

export const noPublisher = { displayName: null, verifiedPublisherId: null, addedDateTime: null }

/** A client secret as reads answer it: never its text. */
export const secretView = (secret: ApplicationObject['secrets'][number]): View => ({
  customKeyIdentifier: null,
  displayName: secret.displayName,
  endDateTime: formatSeconds(secret.endsAt),
  hint: secret.hint,
  keyId: secret.keyId,
  secretText: null,
  startDateTime: formatSeconds(secret.startsAt),
})

/** An application as Graph answers it, whole. */
export function applicationView(simulator: Simulator, application: ApplicationObject, fresh = false): View {
  const date = fresh ? formatTicks : formatSeconds
  const defaults = {
    id: application.id,
    deletedDateTime: application.deletedAt === undefined ? null : formatSeconds(application.deletedAt),
    appId: application.appId,
    applicationTemplateId: null,
    disabledByMicrosoftStatus: null,
    createdDateTime: date(application.createdAt),
    displayName: null,
    description: null,
    groupMembershipClaims: null,
    identifierUris: [],
    isDeviceOnlyAuthSupported: null,
    isFallbackPublicClient: null,
    nativeAuthenticationApisEnabled: null,
    notes: null,
    publisherDomain: simulator.state.tenant.domain,
    serviceManagementReference: null,
    signInAudience: 'AzureADMyOrg',
    tags: [],
    tokenEncryptionKeyId: null,
    uniqueName: application.uniqueName,
    samlMetadataUrl: null,
    defaultRedirectUri: null,
    certification: null,
    optionalClaims: null,
    servicePrincipalLockConfiguration: null,
    requestSignatureVerification: null,
    addIns: [],
    api: {
      acceptMappedClaims: null,
      knownClientApplications: [],
      // Personal accounts get tokens of version 2 only.
      requestedAccessTokenVersion: /Personal/.test(String(application.body.signInAudience ?? '')) ? 2 : null,
      oauth2PermissionScopes: [],
      preAuthorizedApplications: [],
    },
    appRoles: [],
    info: noUrls,
    keyCredentials: [],
    parentalControlSettings: { countriesBlockedForMinors: [], legalAgeGroupRule: 'Allow' },
    passwordCredentials: application.secrets.map(secretView),
    publicClient: { redirectUris: [] },
    requiredResourceAccess: [],
    verifiedPublisher: noPublisher,
    web: {
      homePageUrl: null,
      logoutUrl: null,
      redirectUris: [],
      implicitGrantSettings: { enableAccessTokenIssuance: false, enableIdTokenIssuance: false },
      redirectUriSettings: [],
    },
    spa: { redirectUris: [] },
  }
  return mergeDeep(defaults, application.body)
}
