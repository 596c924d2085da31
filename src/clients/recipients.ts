import type { PipelineRequest } from '@azure/core-rest-pipeline'
import { ServiceError } from './service-error.ts'

/** A service that may receive a credential. */
export interface Recipient {
  /** As in `Microsoft Graph`. */
  service: string
  /** Origins such as `https://graph.microsoft.com`; a `*` stands for its first label. */
  origins: readonly string[]
}

/** Knows each credential that this program has, and the only hosts that may receive it. */
export interface Credentials {
  /** Lets requests to the recipient carry this Authorization header. */
  bind(authorization: string, recipient: Recipient): void
  /** Lets a renewed token go where the rejected one could. */
  rebind(oldAuthorization: string, newAuthorization: string): void
  /** Lets secrets, assertions and refresh tokens be posted to the recipient. */
  bindSignIn(recipient: Recipient): void
  /** Lets requests to the recipient carry any Authorization header that is bound to no one else. */
  trust(recipient: Recipient): void
  /** The last refusal, which an SDK may have replaced by an error without a reason. */
  readonly lastRefusal: ServiceError | undefined
  /** Throws `ServiceError` with the code `TokenNotForHost` if the request would give a credential to another host. */
  check(request: PipelineRequest): void
}

/** Fields of a token request that prove an identity. */
const signInSecrets = [
  'client_secret',
  'client_assertion',
  'assertion',
  'refresh_token',
  'password',
  'code',
  'device_code',
]

const isLabel = (text: string) => /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(text)

function matches(origin: string, pattern: string): boolean {
  const [start, end] = pattern.split('*')
  if (end === undefined) return origin === pattern
  const name = origin.slice(start!.length, -end.length)
  return origin === `${start}${name}${end}` && isLabel(name)
}

/** Returns whether the address belongs to the recipient: scheme, host and port are the same, and it has no user name. */
export function isRecipient({ origins }: Recipient, address: string): boolean {
  if (!URL.canParse(address)) return false
  const { origin, username, password } = new URL(address)
  return username === '' && password === '' && origins.some((pattern) => matches(origin, pattern))
}

export function refusal(what: string, recipients: readonly Recipient[], address: string): ServiceError {
  const allowed = recipients.flatMap(({ origins }) => origins)
  const scope = allowed.length ? `it is only for ${allowed.join(' and ')}` : 'no service is known for it'
  const { protocol, host } = new URL(address)
  return new ServiceError({
    service: 'network',
    code: 'TokenNotForHost',
    message: `${what} was not sent to ${protocol}//${host}: ${scope}`,
  })
}

export function makeCredentials(): Credentials {
  const bound = new Map<string, Set<Recipient>>()
  const signIn = new Set<Recipient>()
  const trusted = new Set<Recipient>()

  let lastRefusal: ServiceError | undefined

  const isAllowed = (recipients: ReadonlySet<Recipient>, url: string) =>
    [...recipients].some((recipient) => isRecipient(recipient, url))

  const refuse = (...parts: Parameters<typeof refusal>) => {
    lastRefusal = refusal(...parts)
    return lastRefusal
  }

  return {
    get lastRefusal() {
      return lastRefusal
    },
    bind(authorization, recipient) {
      bound.set(authorization, (bound.get(authorization) ?? new Set()).add(recipient))
    },
    rebind(oldAuthorization, newAuthorization) {
      for (const recipient of bound.get(oldAuthorization) ?? []) this.bind(newAuthorization, recipient)
    },
    bindSignIn: (recipient) => void signIn.add(recipient),
    trust: (recipient) => void trusted.add(recipient),
    check(request) {
      const { url } = request
      const authorization = request.headers.get('authorization')
      if (authorization !== undefined) {
        const recipients = bound.get(authorization) ?? trusted
        const [first] = recipients
        if (!isAllowed(recipients, url))
          throw refuse(first ? `The token for ${first.service}` : 'A token', [...recipients], url)
      }
      if (postsSignInSecret(request) && !isAllowed(signIn, url))
        throw refuse('The sign-in (a secret, an assertion or a refresh token)', [...signIn], url)
    },
  }
}

function postsSignInSecret({ headers, body }: PipelineRequest): boolean {
  if (!/^application\/x-www-form-urlencoded\b/i.test(headers.get('content-type') ?? '')) return false
  const fields = new URLSearchParams(String(body))
  return signInSecrets.some((name) => fields.has(name))
}
