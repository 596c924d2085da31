import type { Simulator } from '../simulator.ts'
import type { View } from './responses.ts'
import type { ApplicationObject } from './state.ts'

const isObject = (value: unknown): value is View =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Merges `sent` into `defaults`; nested objects are merged too. */
export function mergeDeep(defaults: View, sent: View): View {
  const merged = { ...defaults }
  for (const [name, value] of Object.entries(sent)) {
    const defaultValue = defaults[name]
    merged[name] = isObject(defaultValue) && isObject(value) ? mergeDeep(defaultValue, value) : value
  }
  return merged
}

/** `2026-01-01T00:00:00Z` */
export const formatSeconds = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`

/** `2026-01-01T00:00:00.1234567Z`: the form of times in responses to a creation. */
export const formatTicks = (ms: number) => new Date(ms).toISOString().replace('Z', '0000Z')

export const noUrls = {
  termsOfServiceUrl: null,
  supportUrl: null,
  privacyStatementUrl: null,
  marketingUrl: null,
  logoUrl: null,
}

export const noPublisher = { displayName: null, verifiedPublisherId: null, addedDateTime: null }

/** Returns a client secret without its text. */
export const secretView = (secret: ApplicationObject['secrets'][number]): View => ({
  customKeyIdentifier: null,
  displayName: secret.displayName,
  endDateTime: formatSeconds(secret.endsAt),
  hint: secret.hint,
  keyId: secret.keyId,
  secretText: null,
  startDateTime: formatSeconds(secret.startsAt),
})

/** Returns all properties of an application. `isNew` selects the time format of a creation response. */
export function applicationView(simulator: Simulator, application: ApplicationObject, isNew = false): View {
  const formatDate = isNew ? formatTicks : formatSeconds
  const defaults = {
    id: application.id,
    deletedDateTime: application.deletedAt === undefined ? null : formatSeconds(application.deletedAt),
    appId: application.appId,
    applicationTemplateId: null,
    disabledByMicrosoftStatus: null,
    createdDateTime: formatDate(application.createdAt),
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
      // Applications for personal accounts must use version 2 tokens.
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
