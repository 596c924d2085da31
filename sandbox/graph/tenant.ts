import type { Reply } from '../http.ts'
import { formatSeconds } from './application-view.ts'
import { requirePolicyReadPermission, requireReadPermission } from './authorization.ts'
import { GraphError, notFound, requestDenied } from './errors.ts'
import { userFilters } from './filterable-properties.ts'
import { equalsIgnoreCase, type GraphCall, keyOf } from './request.ts'
import { collectionReply, entityReply, type View } from './responses.ts'

const createdAt = 1_577_836_800_000

const organizationView = ({ simulator }: GraphCall): View => {
  const { id, domain, displayName } = simulator.state.tenant
  return {
    id,
    deletedDateTime: null,
    businessPhones: [],
    city: null,
    country: null,
    countryLetterCode: 'DE',
    createdDateTime: formatSeconds(createdAt),
    defaultUsageLocation: null,
    displayName,
    isMultipleDataLocationsForServicesEnabled: null,
    marketingNotificationEmails: [],
    onPremisesLastSyncDateTime: null,
    onPremisesSyncEnabled: null,
    partnerTenantType: null,
    postalCode: null,
    preferredLanguage: 'en',
    securityComplianceNotificationMails: [],
    securityComplianceNotificationPhones: [],
    state: null,
    street: null,
    technicalNotificationMails: [`admin@${domain}`],
    tenantType: 'AAD',
    directorySizeQuota: { used: countObjects(simulator.state.directory), total: 50_000 },
    privacyProfile: null,
    assignedPlans: [],
    onPremisesSyncStatus: [],
    provisionedPlans: [],
    verifiedDomains: [
      {
        capabilities: 'Email, OfficeCommunicationsOnline',
        isDefault: true,
        isInitial: true,
        name: domain,
        type: 'Managed',
      },
    ],
  }
}

const countObjects = (directory: object) =>
  Object.values(directory).reduce((sum, objects) => sum + Object.keys(objects).length, 0)

const domainView = ({ simulator }: GraphCall): View => ({
  authenticationType: 'Managed',
  availabilityStatus: null,
  id: simulator.state.tenant.domain,
  isAdminManaged: true,
  isDefault: true,
  isInitial: true,
  isRoot: true,
  isVerified: true,
  supportedServices: ['Email', 'OfficeCommunicationsOnline'],
  passwordValidityPeriodInDays: 2_147_483_647,
  passwordNotificationWindowInDays: 14,
  state: null,
})

/** Returns a collection with one object, or that object if the path has its key. */
function singletonReply(call: GraphCall, context: string, resource: string, view: View): Reply {
  requireReadPermission(call)
  const { key } = call.params
  if (key === undefined) return collectionReply(call, { context, resource, rows: [view] })
  const { value } = keyOf(call)
  if (!equalsIgnoreCase(view.id, value)) throw notFound(value)
  return entityReply(call, context, view)
}

export const organization = (call: GraphCall): Reply =>
  singletonReply(call, 'organization', 'Organization', organizationView(call))

export const domains = (call: GraphCall): Reply => singletonReply(call, 'domains', 'Domain', domainView(call))

/** Handles `/users`, which is empty. */
export function users(call: GraphCall): Reply {
  requireReadPermission(call)
  if (call.params.key !== undefined) throw notFound(keyOf(call).value)
  return collectionReply(call, { context: 'users', resource: 'User', rows: [], filterable: userFilters })
}

export function denyWrite(): never {
  throw requestDenied()
}

/** Rejects `/me`: the sandbox issues no user tokens. */
export function me(): never {
  throw new GraphError(400, 'BadRequest', '/me request is only valid with delegated authentication flow.')
}

export function authorizationPolicy(call: GraphCall): Reply {
  requirePolicyReadPermission(call)
  return entityReply(call, 'policies/authorizationPolicy', {
    id: 'authorizationPolicy',
    deletedDateTime: null,
    description: 'Used to manage authorization related settings across the company.',
    displayName: 'Authorization Policy',
    allowedToSignUpEmailBasedSubscriptions: true,
    allowedToUseSSPR: true,
    allowEmailVerifiedUsersToJoinOrganization: false,
    allowInvitesFrom: 'everyone',
    allowUserConsentForRiskyApps: null,
    blockMsolPowerShell: false,
    guestUserRoleId: '10dae51f-b6af-4016-8d66-8c2a99b929b3',
    defaultUserRolePermissions: {
      allowedToCreateApps: true,
      allowedToCreateSecurityGroups: true,
      allowedToCreateTenants: true,
      allowedToReadBitlockerKeysForOwnedDevice: true,
      allowedToReadOtherUsers: true,
      permissionGrantPoliciesAssigned: ['ManagePermissionGrantsForSelf.microsoft-user-default-legacy'],
    },
  })
}
