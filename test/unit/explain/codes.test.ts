import assert from 'node:assert/strict'
import { test } from 'node:test'
import { closestMatches } from '../../../src/base/closest-matches.ts'
import {
  chainChecks,
  inClusterChecks,
  jobChecks,
  objectChecks,
  postureChecks,
  workloadChecks,
} from '../../../src/checks/index.ts'
import { ServiceError, type ServiceName } from '../../../src/clients/service-error.ts'
import { catalogue, families } from '../../../src/explain/catalogue/index.ts'
import { explainCode, knownCodes, resolveCode } from '../../../src/explain/codes.ts'
import { explain } from '../../../src/explain/index.ts'
import { textOf } from '../../support/remedies.ts'

/**
 * Every code in the fact sheets `entra-graph-kubernetes.md` (E) and `azure-resources.md` (A), by section. Numbers are
 * AADSTS codes.
 */
const serviceCodes: [section: string, service: ServiceName, codes: string][] = [
  [
    'E 2.1 federation',
    'entra',
    `70021 700211 700212 700213 7002138 70025 7000229 7000272 50166 501661 90061 700024 700021 700027 5002738 5002730
     5002723 50027 90014 700222 700229 7002381 700223 700236 700238 7000226 7002137 7002131 700233 700234 700235 700237
     7002241`,
  ],
  [
    'E 2.2 application, tenant, resource, secret',
    'entra',
    `700016 90002 900023 500011 1002012 70011 900144 7000218 70003 9002313 900561 901002 7000215 7000222 7000112 90055
     90033 90012 90013 90023 700030 700025 700022 50049 50059 900439 900440 900382 900432 100007 28002`,
  ],
  [
    'E 2.3 policy and user sign-in',
    'entra',
    `53003 530035 5000225 50020 50034 50076 50079 50005 65001 65002 50196 70016 70020 700003 700005 900971 500113`,
  ],
  [
    'E 3.2 federated credentials',
    'graph',
    `Request_MultipleObjectsWithSameKeyValue InvalidFederatedIdentityCredentialValue Directory_QuotaExceeded
     Request_BadRequest Directory_ConcurrencyViolation Request_ResourceNotFound Authorization_RequestDenied`,
  ],
  [
    'E 4.4 Graph',
    'graph',
    `InvalidAuthenticationToken Authorization_RequestDenied Directory_QuotaExceeded Request_ResourceNotFound
     Directory_ObjectNotFound Request_BadRequest Request_UnsupportedQuery TooManyRequests`,
  ],
  [
    'E 6.3 Kubernetes',
    'kubernetes',
    `Unauthorized Forbidden NotFound AlreadyExists Conflict Expired Invalid TooManyRequests InternalError BadRequest
     ServiceUnavailable Timeout`,
  ],
  [
    'A 2.2 Resource Manager',
    'arm',
    `AuthenticationFailed InvalidAuthenticationToken InvalidAuthenticationTokenAudience InvalidAuthenticationTokenTenant
     ExpiredAuthenticationToken AuthorizationFailed LinkedAuthorizationFailed RequestDisallowedByPolicy
     RequestDisallowedByAzure ScopeLocked SubscriptionNotFound ResourceGroupNotFound ResourceNotFound
     ParentResourceNotFound MissingSubscriptionRegistration NoRegisteredProviderFound InvalidResourceType
     InvalidResourceNamespace MissingApiVersionParameter InvalidApiVersionParameter InvalidRequestContent
     InvalidParameter MissingRequiredProperty LocationNotAvailableForResourceType LocationNotAvailableForResourceGroup
     InvalidResourceLocation InvalidResourceGroupLocation ResourceGroupBeingDeleted Conflict AnotherOperationInProgress
     RetryableErrorDueToAnotherOperation DisallowedProvider ReadOnlyDisabledSubscription SubscriptionRequestsThrottled
     TooManyRequests InternalServerError ServiceUnavailable GatewayTimeout`,
  ],
  [
    'A 4.6 AKS',
    'arm',
    `ErrCode_InsufficientVCPUQuota ManagedClusterCountExceedsQuotaLimit K8sVersionNotSupported
     AgentPoolK8sVersionNotSupported BadRequest VMSizeNotSupported AvailabilityZoneNotSupported SkuNotAvailable
     OperationNotAllowed AKSOperationPreempted AKSOperationPreemptedByDelete InvalidParameter QuotaExceeded Throttled
     SubnetIsFull PublicIPCountLimitReached ServicePrincipalValidationClientError VMExtensionProvisioningError
     OutboundConnFailVMExtensionError ReservedResourceName LinkedAuthorizationFailed`,
  ],
  [
    'A 5.3 managed identities',
    'arm',
    `ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity Conflict
     InvalidFederatedIdentityCredentialsAudienceLength ParentResourceNotFound MethodNotAllowed`,
  ],
  [
    'A 6.1 role assignments',
    'arm',
    `RoleAssignmentExists PrincipalNotFound UnmatchedPrincipalType RoleAssignmentUpdateNotPermitted AuthorizationFailed
     RoleDefinitionDoesNotExist RoleAssignmentLimitExceeded`,
  ],
  [
    'A 7.2 vaults',
    'arm',
    `VaultAlreadyExists ConflictError VaultNameNotValid RegionNotSupported SkuNotSupported
     MissingSubscriptionRegistration RequestDisallowedByPolicy AlreadyExists AccountNameInvalid DeletedVaultNotFound
     VaultRegisteringDns`,
  ],
  [
    'A 8.3 secrets',
    'vault',
    `SecretNotFound ForbiddenByRbac AccessDenied ForbiddenByFirewall ForbiddenByConnection SecretDisabled
     ForbiddenByPolicy ObjectIsDeletedButRecoverable ObjectIsBeingDeleted BadParameter Throttled Unauthorized`,
  ],
]

/** Codes of our clients for failures without a service code. */
const clientCodes: [ServiceName, string][] = [
  [
    'kubernetes',
    'KubeconfigNotFound KubeconfigInvalid ContextNotFound ExecPluginNotFound ExecPluginFailed ExecPluginAudience',
  ],
  ['arm', 'NotACloud'],
  ['helm', 'HelmNotFound HelmFailed OutputTooLarge'],
  ['entra', 'NoCredential SignInProgramFailed'],
  [
    'network',
    'ETOOLARGE ListTooLong TokenNotForHost AudienceNotAllowed ENOTFOUND EAI_AGAIN ECONNREFUSED ECONNRESET ETIMEDOUT EPIPE SELF_SIGNED_CERT_IN_CHAIN CERT_HAS_EXPIRED',
  ],
]

/** The 53 codes of the original catalogue. */
const catalogueRanges: [family: number, last: number][] = [
  [1, 11],
  [2, 10],
  [3, 6],
  [4, 13],
  [5, 5],
  [6, 3],
  [7, 5],
]

const parseCodes = (text: string) =>
  text
    .split(/\s+/)
    .filter(Boolean)
    .map((code) => (/^\d/.test(code) ? `AADSTS${code}` : code))

/** Codes that have an explanation only together with a message. */
const needMessage = new Set([
  'Conflict',
  'BadRequest',
  'OperationNotAllowed',
  'MethodNotAllowed',
  'AlreadyExists',
])

test('every service code is explained, with causes and a fix', () => {
  for (const [section, service, text] of serviceCodes)
    for (const code of parseCodes(text)) {
      const where = `${section}: ${code}`
      assert.equal(resolveCode(code), code, where)
      const all = explainCode(code)
      assert.ok(all.length > 0, where)
      for (const { what, why, remedy, original } of all) {
        assert.ok(what && why.length > 0 && remedy, where)
        assert.equal(original, undefined)
        assert.doesNotMatch(what + textOf(remedy), /\{\w+[|}]|\]\[|undefined/, where)
      }
      if (
        needMessage.has(code) ||
        [
          'AccessDenied',
          'ForbiddenByFirewall',
          'ForbiddenByConnection',
          'SecretDisabled',
          'ObjectIsDeletedButRecoverable',
        ].includes(code)
      )
        continue
      const thrown = explain(
        new ServiceError({ service, code, message: 'original message', requestId: 'r-1' }),
      )
      assert.notEqual(thrown.what, 'original message', `${where} has no explanation as a ServiceError`)
      assert.ok(thrown.why.length > 0, where)
      assert.equal(thrown.original, 'original message')
      assert.equal(thrown.trace, 'r-1')
    }
})

test('every code of our clients is explained', () => {
  for (const [service, text] of clientCodes)
    for (const code of parseCodes(text)) {
      const { what, why } = explain(new ServiceError({ service, code, message: 'original message' }))
      assert.notEqual(what, 'original message', code)
      assert.ok(why.length > 0, code)
    }
})

test('every catalogue code and every check is explained', () => {
  const wanted = catalogueRanges.flatMap(([family, last]) =>
    Array.from({ length: last }, (_, index) => `WI${family}${String(index + 1).padStart(2, '0')}`),
  )
  assert.equal(wanted.length, 53)
  for (const code of [
    ...wanted,
    ...[
      ...chainChecks,
      ...jobChecks,
      ...inClusterChecks,
      ...workloadChecks,
      ...objectChecks,
      ...postureChecks,
    ].map((each) => each.code),
  ]) {
    const [only, ...others] = explainCode(code)
    assert.ok(only, code)
    assert.equal(others.length, 0)
    assert.ok(only.what && only.why.length && only.remedy, code)
  }
  assert.equal(new Set(catalogue.map(({ code }) => code)).size, catalogue.length, 'duplicate code')
  for (const { name, entries } of families)
    for (const entry of entries) {
      assert.equal(entry.code.slice(0, 3), name.slice(0, 3))
      assert.ok(entry.errorMessages.length && entry.manualChecks.length, entry.code)
    }
})

test('every check named by an explanation is in the catalogue', () => {
  const known = new Set<string>(catalogue.map(({ code }) => code))
  for (const code of knownCodes)
    for (const { check } of explainCode(code)) if (check) assert.ok(known.has(check), `${code}: ${check}`)
})

test('codes are resolved in any case, and AADSTS codes also by number', () => {
  assert.equal(resolveCode('forbiddenbyrbac'), 'ForbiddenByRbac')
  assert.equal(resolveCode('wi104'), 'WI104')
  assert.equal(resolveCode('700213'), 'AADSTS700213')
  assert.equal(resolveCode('213'), undefined)
})

test('closest matches are similar names', () => {
  assert.deepEqual(closestMatches('ForbidenByRbac', knownCodes), ['ForbiddenByRbac'])
  assert.ok(closestMatches('AADSTS700214', knownCodes).includes('AADSTS700213'))
  assert.deepEqual(closestMatches('Qqqqqqqq', knownCodes), [])
})
