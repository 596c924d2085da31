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

/** A key credential as Graph keeps it: what the certificate says is filled in, and the key itself is never answered. */
function keyCredential(sent: View, now: number): View {
  const certificate = sent.key ? certificateIn(sent.key) : undefined
  const date = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`
  return {
    customKeyIdentifier:
      sent.customKeyIdentifier ??
      (certificate ? createHash('sha1').update(certificate.raw).digest('hex').toUpperCase() : null),
    displayName: sent.displayName ?? certificate?.subject.split('\n').reverse().join(', ') ?? null,
    endDateTime: sent.endDateTime ?? date(certificate ? Date.parse(certificate.validTo) : now),
    key: null,
    keyId: sent.keyId ?? randomUUID(),
    startDateTime: sent.startDateTime ?? date(now),
    type: sent.type ?? 'AsymmetricX509Cert',
    usage: sent.usage ?? 'Verify',
  }
}

const claim = (sent: View): View => ({ additionalProperties: [], essential: false, source: null, ...sent })

const isList = (value: unknown) => value == null || Array.isArray(value)

/** The written parts of an application with the members that Graph adds to each. Throws 400 for a list that is none. */
export function withServerProperties(values: View, now: number): View {
  const whole = { ...values }
  const each = (name: string, make: (part: View) => View) => {
    if (Array.isArray(values[name])) whole[name] = (values[name] as View[]).map(make)
  }
  each('keyCredentials', (sent) => keyCredential(sent, now))
  each('appRoles', (role) => ({ origin: 'Application', ...role }))
  const claims = values.optionalClaims as Record<string, View[]> | null | undefined
  if (claims && !Object.values(claims).every(isList)) throw invalidProperty('optionalClaims', 'Application')
  if (claims)
    whole.optionalClaims = Object.fromEntries(
      ['accessToken', 'idToken', 'saml2Token'].map((token) => [token, (claims[token] ?? []).map(claim)]),
    )
  const web = values.web as { redirectUris?: string[]; redirectUriSettings?: unknown } | null | undefined
  if (!isList(web?.redirectUris)) throw invalidProperty('web', 'Application')
  if (web?.redirectUris && !web.redirectUriSettings)
    whole.web = { ...web, redirectUriSettings: web.redirectUris.map((uri) => ({ uri, index: null })) }
  return whole
}
