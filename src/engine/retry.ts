import { ActionRequiredError } from '../base/action-required.ts'
import { ServiceError } from '../clients/service-error.ts'
import { pause, type Run } from './run.ts'

interface Rule {
  /** Codes of the services, their own or the inner one. */
  codes: string[]
  /** Or any code with one of these statuses. */
  statuses?: number[]
  /** Narrows by the message where a code means several things. */
  message?: RegExp
  seconds: number
  /** Only once the work has begun: before that a wrong address is likelier. */
  begun?: true
  /** What is being waited for, shown while waiting. */
  waiting: string
}

const minute = 60

/**
 * The one table of what is tried again when a read or write is refused: which code, for how long, and why that helps.
 * All else fails at once. Blips of a few seconds do not come as far as here: `clients/request-retries.ts`.
 */
export const retryRules: readonly Rule[] = [
  {
    codes: ['ParentResourceNotFound'],
    seconds: 4 * minute,
    waiting: 'until Azure has copied the new identity',
  },
  {
    codes: ['NotFound', 'BadRequest', 'FailedDependency'],
    message: /MS Graph resource not found/i,
    seconds: 4 * minute,
    waiting: 'until Azure has copied the new identity',
  },
  { codes: ['PrincipalNotFound'], seconds: 4 * minute, waiting: 'until Azure has copied the new identity' },
  {
    codes: ['Request_ResourceNotFound'],
    seconds: 3 * minute,
    waiting: 'until the directory has copied the new application',
  },
  {
    codes: ['Request_BadRequest', 'NoBackingApplicationObject', 'Authorization_RequestDenied'],
    message: /backing application|does not reference a valid application object/i,
    seconds: 3 * minute,
    waiting: 'until the directory has copied the new application',
  },
  {
    codes: [
      'ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity',
      'Directory_ConcurrencyViolation',
    ],
    seconds: 2 * minute,
    waiting: 'for another write to the identity',
  },
  {
    codes: ['OperationNotAllowed', 'AnotherOperationInProgress', 'RetryableErrorDueToAnotherOperation'],
    message: /in progress|another operation/i,
    seconds: 20 * minute,
    waiting: 'for another operation on it to end',
  },
  {
    codes: ['ConflictError', 'Conflict'],
    message: /concurrent|in progress|conflicting operation|object has been modified/i,
    seconds: 2 * minute,
    waiting: 'for another operation on it to end',
  },
  {
    codes: ['ResourceGroupBeingDeleted'],
    seconds: 15 * minute,
    waiting: 'until the group of that name is deleted',
  },
  {
    codes: ['MissingSubscriptionRegistration'],
    seconds: 3 * minute,
    waiting: 'until the resource provider is registered',
  },
  {
    codes: ['ForbiddenByRbac', 'AuthorizationPermissionMismatch'],
    seconds: 10 * minute,
    waiting: 'until the new role has taken effect',
  },
  {
    codes: ['ENOTFOUND', 'EAI_AGAIN', 'VaultRegisteringDns'],
    // A private cluster's name is never known here.
    message: /^(?!.*\.privatelink\.)/,
    seconds: 3 * minute,
    waiting: "until the vault's name can be looked up",
  },
  {
    // A page in their place, or a server in trouble; what is not there at all is refused at once.
    codes: ['HttpStatus', 'NotJson'],
    message: /no JSON object|status (408|429|5\d\d)/,
    seconds: 20,
    waiting: "until the issuer's documents can be read",
  },
  { codes: ['ObjectIsBeingDeleted'], seconds: 2 * minute, waiting: 'until the old secret is deleted' },
  {
    codes: ['TooManyRequests', 'SubscriptionRequestsThrottled', 'Throttled', 'throttled'],
    statuses: [429],
    seconds: 5 * minute,
    waiting: 'because Azure asks to slow down',
  },
  {
    codes: [
      'InternalServerError',
      'InternalError',
      'ServerTimeout',
      'Timeout',
      'ServiceUnavailable',
      'GatewayTimeout',
      'ECONNRESET',
      'EPIPE',
      'EUNREADABLE',
      // "A transient error has occurred", and what its document says while it can't be read.
      'AADSTS90033',
    ],
    statuses: [408, 500, 502, 503, 504],
    seconds: 5 * minute,
    waiting: 'because the service did not answer properly',
  },
  {
    codes: ['ECONNREFUSED', 'ETIMEDOUT', 'ENETUNREACH', 'EHOSTUNREACH'],
    seconds: 5 * minute,
    begun: true,
    waiting: 'for the network',
  },
]

export function retryRule(error: unknown): Rule | undefined {
  const at = error instanceof ActionRequiredError ? error.cause : error
  if (!(at instanceof ServiceError)) return undefined
  return retryRules.find(
    (rule) =>
      (rule.codes.includes(at.code) ||
        (at.status !== undefined && rule.statuses?.includes(at.status)) ||
        (at.innerCode !== undefined && rule.codes.includes(at.innerCode))) &&
      (rule.message === undefined || rule.message.test(at.message)),
  )
}

export const formatLimit = (ms: number) =>
  ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`

/** Waits grow from first to most, with a little chance in them. */
export const backoff = ({ firstDelayMs, maxDelayMs }: Run['polling']) => {
  let next = firstDelayMs
  return () => {
    const now = next * (0.9 + Math.random() * 0.2)
    next = Math.min(next * 1.6, maxDelayMs)
    return now
  }
}

/** Does it, and again while the table says that this helps, from the first refusal of the kind on. */
export async function withRetries<T>(
  run: Run,
  note: (text: string) => void,
  act: () => Promise<T>,
  begun = true,
): Promise<T> {
  const since = new Map<Rule, number>()
  const wait = backoff(run.polling)
  for (;;) {
    try {
      return await act()
    } catch (error) {
      const rule = retryRule(error)
      if (!rule || (rule.begun && !begun)) throw error
      const now = performance.now()
      const first = since.get(rule) ?? now
      since.set(rule, first)
      const end = first + rule.seconds * 1000 * (run.polling.timeoutFactor ?? 1)
      // A service may ask for more time than there is.
      const next = (error as { retryAfterMs?: number }).retryAfterMs ?? wait()
      if (now + next > end) throw error
      note(`waiting ${rule.waiting} (up to ${formatLimit(rule.seconds * 1000)})`)
      await pause(next, run.signal)
    }
  }
}
