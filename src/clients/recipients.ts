import type { PipelineRequest } from '@azure/core-rest-pipeline'
import { ServiceError } from './service-error.ts'

/** A service that may receive a credential. */
export interface Recipient {
  /** As in `Microsoft Graph`. */
  service: string
  /** Origins such as `https://graph.microsoft.com`; a `*` stands for its first label, `**` for several. */
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
  /**
   * Returns the refusal of the last sign-in, which an SDK may have replaced by an error without a reason, and forgets
   * it: it is no reason of a later error.
   */
  takeSignInRefusal(): ServiceError | undefined
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
  const [, start, wildcard, end] = /^([^*]*)(\*\*?)([^*]+)$/.exec(pattern) ?? []
  if (start === undefined || end === undefined) return origin === pattern
  const name = origin.slice(start.length, -end.length)
  return origin === start + name + end && (wildcard === '**' ? name.split('.').every(isLabel) : isLabel(name))
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

  let signInRefusal: ServiceError | undefined

  const isAllowed = (recipients: ReadonlySet<Recipient>, url: string) =>
    [...recipients].some((recipient) => isRecipient(recipient, url))

  return {
    takeSignInRefusal() {
      const taken = signInRefusal
      signInRefusal = undefined
      return taken
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
      const recipients = authorization === undefined ? undefined : bound.get(authorization)
      if (recipients && !isAllowed(recipients, url))
        throw refusal(`The token for ${[...recipients][0]!.service}`, [...recipients], url)
      const needsTrust = authorization !== undefined && !recipients
      if (!needsTrust && !postsSignInSecret(request)) return
      signInRefusal =
        needsTrust && !isAllowed(trusted, url)
          ? refusal(trustedText(trusted), [...trusted], url)
          : postsSignInSecret(request) && !isAllowed(signIn, url)
            ? refusal('The sign-in (a secret, an assertion or a refresh token)', [...signIn], url)
            : undefined
      if (signInRefusal) throw signInRefusal
    },
  }
}

const trustedText = ([first]: Iterable<Recipient>) => (first ? `The token for ${first.service}` : 'A token')

function postsSignInSecret({ headers, body }: PipelineRequest): boolean {
  if (!/^application\/x-www-form-urlencoded\b/i.test(headers.get('content-type') ?? '')) return false
  const fields = new URLSearchParams(String(body))
  return signInSecrets.some((name) => fields.has(name))
}
