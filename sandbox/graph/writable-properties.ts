import { badRequest, invalidProperty } from './errors.ts'

type Kind = 'text' | 'flag' | 'texts' | 'objects' | 'object'

/** The writable properties of a type, and the JSON type of each. */
export type WritableProperties = Record<string, Kind>

export const applicationProperties: WritableProperties = {
  displayName: 'text',
  uniqueName: 'text',
  description: 'text',
  notes: 'text',
  groupMembershipClaims: 'text',
  serviceManagementReference: 'text',
  signInAudience: 'text',
  tokenEncryptionKeyId: 'text',
  samlMetadataUrl: 'text',
  defaultRedirectUri: 'text',
  nativeAuthenticationApisEnabled: 'text',
  isDeviceOnlyAuthSupported: 'flag',
  isFallbackPublicClient: 'flag',
  identifierUris: 'texts',
  tags: 'texts',
  addIns: 'objects',
  appRoles: 'objects',
  keyCredentials: 'objects',
  passwordCredentials: 'objects',
  requiredResourceAccess: 'objects',
  api: 'object',
  info: 'object',
  optionalClaims: 'object',
  parentalControlSettings: 'object',
  publicClient: 'object',
  requestSignatureVerification: 'object',
  servicePrincipalLockConfiguration: 'object',
  spa: 'object',
  web: 'object',
}

export const servicePrincipalProperties: WritableProperties = {
  appId: 'text',
  displayName: 'text',
  description: 'text',
  notes: 'text',
  homepage: 'text',
  loginUrl: 'text',
  logoutUrl: 'text',
  preferredSingleSignOnMode: 'text',
  preferredTokenSigningKeyThumbprint: 'text',
  servicePrincipalType: 'text',
  tokenEncryptionKeyId: 'text',
  accountEnabled: 'flag',
  appRoleAssignmentRequired: 'flag',
  alternativeNames: 'texts',
  notificationEmailAddresses: 'texts',
  replyUrls: 'texts',
  servicePrincipalNames: 'texts',
  tags: 'texts',
  addIns: 'objects',
  appRoles: 'objects',
  keyCredentials: 'objects',
  oauth2PermissionScopes: 'objects',
  info: 'object',
  samlSingleSignOnSettings: 'object',
}

export const credentialProperties: WritableProperties = {
  name: 'text',
  issuer: 'text',
  subject: 'text',
  claimsMatchingExpression: 'object',
  description: 'text',
  audiences: 'texts',
}

const readOnly = ['id', 'createdDateTime', 'deletedDateTime', 'publisherDomain', 'verifiedPublisher']
const readOnlyByType: Record<string, string[]> = {
  Application: ['appId', 'certification', 'applicationTemplateId', 'disabledByMicrosoftStatus'],
  ServicePrincipal: ['appDisplayName', 'appOwnerOrganizationId', 'signInAudience', 'applicationTemplateId'],
}

const isType: Record<Kind, (value: unknown) => boolean> = {
  text: (value) => typeof value === 'string',
  flag: (value) => typeof value === 'boolean',
  texts: (value) => Array.isArray(value) && value.every((each) => typeof each === 'string'),
  objects: (value) =>
    Array.isArray(value) && value.every((each) => typeof each === 'object' && each !== null),
  object: (value) => typeof value === 'object' && !Array.isArray(value),
}

/** Returns the writable properties of a body without annotations. Throws 400 for an unknown, read-only or mistyped property. */
export function readProperties(
  body: Record<string, unknown>,
  properties: WritableProperties,
  resource: string,
): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(body)) {
    if (name.includes('@')) continue
    const kind = properties[name]
    if (!kind && [...readOnly, ...(readOnlyByType[resource] ?? [])].includes(name))
      throw badRequest(`Property '${name}' is read-only and cannot be set.`)
    if (!kind) throw badRequest(`Invalid property '${name}'.`)
    if (value !== null && !isType[kind](value)) throw invalidProperty(name, resource)
    values[name] = value
  }
  return values
}
