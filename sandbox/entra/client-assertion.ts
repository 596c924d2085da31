import { compactVerify, errors, type JWK } from 'jose'
import { satisfies } from '../graph/claims-expression.ts'
import type { FederatedCredentialObject } from '../graph/state.ts'
import { isGuid } from '../guid.ts'
import type { Simulator } from '../simulator.ts'
import type { OAuthClient } from './clients.ts'
import { invalidClient, invalidRequest } from './errors.ts'
import { issuerKey } from './issuer-keys.ts'

const documentationUrl = 'https://learn.microsoft.com/entra/workload-id/workload-identity-federation'
const checkHint =
  'Check your federated identity credential Subject, Audience and Issuer against the presented assertion.'
const algorithms = ['RS256', 'RS384', 'RS512']

interface Assertion {
  jwt: string
  kid: string
  issuer: string
  subject: string
  audiences: string[]
  claims: Record<string, unknown>
  notBefore: number
  expiresAt: number
}

/** Checks a federated assertion in Entra's order: shape, matching credential, published key, signature, lifetime. */
export async function checkAssertion(simulator: Simulator, client: OAuthClient, jwt: string): Promise<void> {
  const assertion = parseAssertion(jwt)
  rejectOwnTokens(simulator, client, assertion)
  matchCredential(simulator, client, assertion)
  const key = await issuerKey(simulator, assertion.issuer, assertion.kid)
  if (!key)
    throw invalidClient(
      7000272,
      `The certificate with identifier ${thumbprint(assertion.kid)} used to sign the federated credential could not be found in the metadata of identity provider ${assertion.issuer}. Please validate that your Identity Provider's metadata exposes the key used to sign the incoming token.`,
    )
  await verifySignature(assertion, key)
  checkLifetime(simulator, assertion)
}

const thumbprint = (kid: string) => Buffer.from(kid, 'base64url').toString('hex').toUpperCase()

function parseAssertion(jwt: string): Assertion {
  const malformed = () => invalidRequest(50027, 'JWT token is invalid or malformed.')
  const parts = jwt.split('.')
  if (parts.length !== 3) throw malformed()
  const [header, payload] = parts.slice(0, 2).map((part) => {
    try {
      const value = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
      if (typeof value !== 'object' || value === null) throw malformed()
      return value as Record<string, unknown>
    } catch {
      throw malformed()
    }
  }) as [Record<string, unknown>, Record<string, unknown>]
  const kid = header.kid ?? header.x5t
  if (typeof kid !== 'string' || kid === '')
    throw invalidClient(
      5002723,
      'Invalid JWT token. No certificate SHA-1 thumbprint, certificate SHA-256 thumbprint, nor keyId specified in token header.',
    )
  if (!algorithms.includes(String(header.alg)))
    throw invalidClient(
      5002738,
      `Invalid JWT token. '${header.alg}' is not a supported signature algorithm. Supported signing algorithms are: '${algorithms.join(',')}'`,
    )
  for (const name of ['iss', 'sub', 'aud', 'exp'])
    if (payload[name] === undefined || payload[name] === '')
      throw invalidRequest(
        90014,
        `The required field '${name}' is missing from the credential. Ensure that you have all the necessary parameters for the login request.`,
      )
  return {
    jwt,
    kid,
    issuer: String(payload.iss),
    subject: String(payload.sub),
    audiences: (Array.isArray(payload.aud) ? payload.aud : [payload.aud]).map(String),
    claims: payload,
    notBefore: Number(payload.nbf ?? 0) * 1000,
    expiresAt: Number(payload.exp) * 1000,
  }
}

/** Rejects assertions that Entra or the client itself issued: only tokens of another issuer can be federated. */
function rejectOwnTokens(
  simulator: Simulator,
  client: OAuthClient,
  { issuer, subject, kid }: Assertion,
): void {
  const { login } = simulator.addresses
  if (
    issuer.startsWith('https://sts.windows.net/') ||
    issuer.startsWith(`${login}/${simulator.state.tenant.id}/`)
  )
    throw invalidClient(700222, 'AAD-issued tokens may not be used for federated identity flows.')
  if (issuer !== subject || !isGuid(issuer)) return
  const review =
    'Review the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials .'
  if (issuer.toLowerCase() !== client.id.toLowerCase())
    throw invalidClient(
      700021,
      `Client assertion application identifier doesn't match 'client_id' parameter. ${review}`,
    )
  throw invalidClient(
    700027,
    `The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found., Thumbprint of key used by client: '${thumbprint(kid)}']`,
  )
}

function matchCredential(
  simulator: Simulator,
  client: OAuthClient,
  { issuer, subject, audiences, claims }: Assertion,
): void {
  const effective = client.credentials.filter((each) => !simulator.isPending(each.changedAt, 'credentialLag'))
  if (effective.length === 0)
    throw invalidClient(
      70025,
      `The client '${client.id}'(${client.displayName}) has no configured federated identity credentials.`,
    )
  const unmatched = (code: number, what: string) =>
    invalidClient(
      code,
      `No matching federated identity record found for presented assertion ${what}. ${checkHint} ${documentationUrl}`,
    )
  const issuerMatches = effective.filter((each) => each.issuer === issuer)
  if (issuerMatches.length === 0) throw unmatched(700211, `issuer '${issuer}'`)
  const subjectMatches = issuerMatches.filter(({ subject: expected, claimsMatchingExpression }) =>
    claimsMatchingExpression ? satisfies(claimsMatchingExpression.value, claims) : expected === subject,
  )
  if (subjectMatches.length === 0) {
    if (!issuerMatches.some((each) => each.subject?.toLowerCase() === subject.toLowerCase()))
      // 7002131: no expression of a flexible credential matches.
      throw unmatched(
        issuerMatches.some((each) => each.claimsMatchingExpression) ? 7002131 : 700213,
        `subject '${subject}'`,
      )
    throw invalidClient(
      7002138,
      `No matching federated identity record found for presented assertion subject '${subject}'. The subject matches with case-insensitive comparison, but not with case-sensitive comparison. ${checkHint} See documentation at: ${documentationUrl}. See breaking change notification and remediation at: https://learn.microsoft.com/en-us/entra/identity-platform/reference-breaking-changes#august-2024.`,
    )
  }
  const acceptsAudience = (credential: FederatedCredentialObject) =>
    credential.audiences.some((audience) => audiences.includes(audience))
  if (!subjectMatches.some(acceptsAudience)) throw unmatched(700212, `audience '${audiences.join(',')}'`)
}

async function verifySignature({ jwt, kid }: Assertion, key: JWK): Promise<void> {
  if (key.kty !== 'RSA')
    throw invalidRequest(5002730, 'Invalid JWT token. Unsupported key for the signing algorithm.')
  try {
    const { kty, n, e } = key as { kty: string; n: string; e: string }
    await compactVerify(jwt, { kty, n, e }, { algorithms })
  } catch (error) {
    if (error instanceof errors.JWSSignatureVerificationFailed)
      throw invalidClient(
        700027,
        `Client assertion contains an invalid signature. [Reason - The provided signature value did not match the expected signature value., Thumbprint of key used by client: '${thumbprint(kid)}']`,
      )
    throw invalidRequest(5002730, 'Invalid JWT token. Unsupported key for the signing algorithm.')
  }
}

const clockSkew = 300_000
const formatTicks = (ms: number) => new Date(ms).toISOString().replace('Z', '0000Z')

function checkLifetime(simulator: Simulator, { notBefore, expiresAt }: Assertion): void {
  const now = simulator.now()
  if (expiresAt > now && notBefore <= now + clockSkew) return
  throw invalidClient(
    700024,
    `Client assertion is not within its valid time range. Current time: ${formatTicks(now)}, assertion valid from ${formatTicks(notBefore)}, expiry time of assertion ${formatTicks(expiresAt)}. Review the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials .`,
  )
}
