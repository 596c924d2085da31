import { createHash, randomUUID, X509Certificate } from 'node:crypto'
import { invalidProperty } from './errors.ts'
import type { View } from './responses.ts'

const certificateIn = (key: unknown): X509Certificate | undefined => {
  try {
    return new X509Certificate(Buffer.from(String(key), 'base64'))
  } catch {
    return undefined
  }
}

/** Completes a key credential from its certificate. Graph never returns the key itself. */
function keyCredential(input: View, now: number): View {
  const certificate = input.key ? certificateIn(input.key) : undefined
  const date = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`
  return {
    customKeyIdentifier:
      input.customKeyIdentifier ??
      (certificate ? createHash('sha1').update(certificate.raw).digest('hex').toUpperCase() : null),
    displayName: input.displayName ?? certificate?.subject.split('\n').reverse().join(', ') ?? null,
    endDateTime: input.endDateTime ?? date(certificate ? Date.parse(certificate.validTo) : now),
    key: null,
    keyId: input.keyId ?? randomUUID(),
    startDateTime: input.startDateTime ?? date(now),
    type: input.type ?? 'AsymmetricX509Cert',
    usage: input.usage ?? 'Verify',
  }
}

const optionalClaim = (input: View): View => ({
  additionalProperties: [],
  essential: false,
  source: null,
  ...input,
})

const isListOrNull = (value: unknown) => value == null || Array.isArray(value)

/** Adds the members that Graph sets on the parts of an application. Throws 400 for a malformed list. */
export function withServerProperties(values: View, now: number): View {
  const completed = { ...values }
  const completeItems = (name: string, complete: (part: View) => View) => {
    if (Array.isArray(values[name])) completed[name] = (values[name] as View[]).map(complete)
  }
  completeItems('keyCredentials', (input) => keyCredential(input, now))
  completeItems('appRoles', (role) => ({ origin: 'Application', ...role }))
  const claims = values.optionalClaims as Record<string, View[]> | null | undefined
  if (claims && !Object.values(claims).every(isListOrNull))
    throw invalidProperty('optionalClaims', 'Application')
  if (claims)
    completed.optionalClaims = Object.fromEntries(
      ['accessToken', 'idToken', 'saml2Token'].map((token) => [
        token,
        (claims[token] ?? []).map(optionalClaim),
      ]),
    )
  const web = values.web as { redirectUris?: string[]; redirectUriSettings?: unknown } | null | undefined
  if (!isListOrNull(web?.redirectUris)) throw invalidProperty('web', 'Application')
  if (web?.redirectUris && !web.redirectUriSettings)
    completed.web = { ...web, redirectUriSettings: web.redirectUris.map((uri) => ({ uri, index: null })) }
  return completed
}
