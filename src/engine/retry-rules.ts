import { ActionRequiredError } from '../base/action-required.ts'
import { ServiceError } from '../clients/service-error.ts'

export interface RetryRule {
  /** Error codes of the services, outer or inner. */
  codes: string[]
  /** Or any code with one of these HTTP statuses. */
  statuses?: number[]
  /** Narrows to these HTTP statuses, and to failures without one. */
  onlyStatuses?: number[]
  /** Narrows by the service's message where a code has several meanings. */
  message?: RegExp
  /** How long to retry, from the first failure of this kind on. */
  seconds: number
  /** Not while planning: there, a wrong address is more likely than an outage. */
  afterPlanning?: true
  /** Shown while waiting, after "waiting". */
  waitingFor: string
}

const minute = 60

/**
 * Which failures are retried, and for how long: all others fail at once. Failures of a few seconds never get here:
 * `clients/request-retries.ts` retries those requests.
 */
export const retryRules: readonly RetryRule[] = [
  {
    codes: ['ParentResourceNotFound'],
    seconds: 4 * minute,
    waitingFor: 'for Azure to replicate the new identity',
  },
  {
    codes: ['NotFound', 'BadRequest', 'FailedDependency'],
    message: /MS Graph resource not found/i,
    seconds: 4 * minute,
    waitingFor: 'for Azure to replicate the new identity',
  },
  {
    codes: ['PrincipalNotFound'],
    seconds: 4 * minute,
    waitingFor: 'for Azure to replicate the new identity',
  },
  {
    codes: ['Request_ResourceNotFound'],
    seconds: 3 * minute,
    waitingFor: 'for Microsoft Entra to replicate the new application',
  },
  {
    codes: ['Request_BadRequest', 'NoBackingApplicationObject', 'Authorization_RequestDenied'],
    message: /backing application|does not reference a valid application object/i,
    seconds: 3 * minute,
    waitingFor: 'for Microsoft Entra to replicate the new application',
  },
  {
    codes: [
      'ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity',
      'Directory_ConcurrencyViolation',
    ],
    seconds: 2 * minute,
    waitingFor: 'for another write to the identity to finish',
  },
  {
    codes: ['OperationNotAllowed', 'AnotherOperationInProgress', 'RetryableErrorDueToAnotherOperation'],
    message: /in progress|another operation/i,
    seconds: 20 * minute,
    waitingFor: 'for another operation on the resource to finish',
  },
  {
    codes: ['ConflictError', 'Conflict'],
    message: /concurrent|in progress|conflicting operation|object has been modified/i,
    seconds: 2 * minute,
    waitingFor: 'for another operation on the resource to finish',
  },
  {
    codes: ['ResourceGroupBeingDeleted'],
    seconds: 15 * minute,
    waitingFor: 'for the resource group of this name to be deleted',
  },
  {
    codes: ['MissingSubscriptionRegistration'],
    seconds: 3 * minute,
    waitingFor: 'for the resource provider to be registered',
  },
  {
    codes: ['ForbiddenByRbac', 'AuthorizationPermissionMismatch'],
    seconds: 10 * minute,
    waitingFor: 'for the new role assignment to take effect',
  },
  { codes: ['VaultRegisteringDns'], seconds: 3 * minute, waitingFor: "for the vault's DNS name to resolve" },
  {
    codes: ['ENOTFOUND', 'EAI_AGAIN'],
    message: /^(?!.*\.privatelink\.)(?=.*\.vault\.)/,
    seconds: 3 * minute,
    waitingFor: "for the vault's DNS name to resolve",
  },
  {
    codes: ['ENOTFOUND', 'EAI_AGAIN'],
    // The name of a private cluster never resolves outside its network.
    message: /^(?!.*\.privatelink\.)/,
    seconds: 3 * minute,
    afterPlanning: true,
    waitingFor: 'for the DNS name to resolve',
  },
  {
    // An HTML page instead of JSON, or a server error. A document that does not exist fails at once.
    codes: ['HttpStatus', 'NotJson'],
    onlyStatuses: [408, 429, 500, 502, 503, 504],
    seconds: 20,
    waitingFor: "for the issuer's documents to be readable",
  },
  { codes: ['ObjectIsBeingDeleted'], seconds: 2 * minute, waitingFor: 'for the old secret to be deleted' },
  {
    codes: [
      'TooManyRequests',
      'SubscriptionRequestsThrottled',
      'Throttled',
      'throttled',
      'com.microsoft:server-busy',
    ],
    statuses: [429],
    seconds: 5 * minute,
    waitingFor: 'because Azure is throttling requests',
  },
  {
    codes: [
      'InternalServerError',
      'InternalError',
      'ServerTimeout',
      'Timeout',
      'ServiceUnavailable',
      'GatewayTimeout',
      'com.microsoft:timeout',
      'ECONNRESET',
      'EPIPE',
      'EUNREADABLE',
      // Entra: "A transient error has occurred"; also returned while it cannot read the issuer's documents.
      'AADSTS90033',
    ],
    statuses: [408, 500, 502, 503, 504],
    seconds: 5 * minute,
    waitingFor: 'because the service is unavailable',
  },
  {
    codes: ['ECONNREFUSED', 'ETIMEDOUT', 'ENETUNREACH', 'EHOSTUNREACH'],
    seconds: 5 * minute,
    afterPlanning: true,
    waitingFor: 'for the network',
  },
]

/** Returns the rule for an error, or for the cause of one that a step has reworded. */
export function retryRule(error: unknown): RetryRule | undefined {
  const failure = error instanceof ActionRequiredError ? error.cause : error
  if (!(failure instanceof ServiceError)) return undefined
  const { code, innerCode, status, message } = failure
  return retryRules.find(
    (rule) =>
      (rule.codes.includes(code) ||
        (status !== undefined && rule.statuses?.includes(status)) ||
        (innerCode !== undefined && rule.codes.includes(innerCode))) &&
      (status === undefined || (rule.onlyStatuses?.includes(status) ?? true)) &&
      (rule.message === undefined || rule.message.test(message)),
  )
}
