import { randomBytes } from 'node:crypto'
import { compactVerify, errors, importJWK, type JWK, SignJWT } from 'jose'
import type { ServicePrincipalObject } from '../graph/state.ts'
import type { Call } from '../http.ts'
import type { Simulator } from '../simulator.ts'

/** Who presents an access token of this sandbox's token service. */
export interface CallerClaims {
  oid: string
  appid: string
  tid: string
  aud: string
  exp: number
}

export type TokenCheck =
  | { state: 'missing' }
  | { state: 'malformed' }
  | { state: 'badSignature' }
  | { state: 'expired'; caller: CallerClaims }
  | { state: 'wrongAudience'; caller: CallerClaims }
  | { state: 'valid'; caller: CallerClaims }

const importedKeys = new WeakMap<JWK, ReturnType<typeof importJWK>>()

const cryptoKey = (jwk: JWK) => {
  const known = importedKeys.get(jwk)
  if (known) return known
  const imported = importJWK(jwk, 'RS256')
  importedKeys.set(jwk, imported)
  return imported
}

const publicParts = new WeakMap<JWK, JWK>()

/** The public half of the signing key, the same object each time. */
export function publicKey(signingKey: JWK): JWK {
  let half = publicParts.get(signingKey)
  if (!half) {
    half = { kty: signingKey.kty!, n: signingKey.n!, e: signingKey.e!, kid: signingKey.kid! }
    publicParts.set(signingKey, half)
  }
  return half
}

export const tokenIssuerOf = (tenantId: string) => `https://sts.windows.net/${tenantId}/`

const withoutSlash = (audience: string) => audience.replace(/\/+$/, '')

/** The request's bearer token; `undefined` when there is none. */
export const bearerToken = (call: Call): string | undefined =>
  /^bearer +(\S+) *$/i.exec(call.headers.authorization ?? '')?.[1]

type Claims = CallerClaims & { nbf?: number }

/** What was verified before, by key: a signature stays true. */
const verified = new WeakMap<JWK, Map<string, Claims>>()

async function claimsOf(token: string, signingKey: JWK): Promise<Claims> {
  const known = verified.get(signingKey) ?? new Map<string, Claims>()
  verified.set(signingKey, known)
  const found = known.get(token)
  if (found) return found
  const { payload } = await compactVerify(token, await cryptoKey(publicKey(signingKey)), {
    algorithms: ['RS256'],
  })
  const claims = JSON.parse(Buffer.from(payload).toString('utf8'))
  if (known.size < 1000) known.set(token, claims)
  return claims
}

/** Checks the request's bearer token: signature, lifetime by the cloud's clock, audience (with or without a trailing slash). */
export async function checkBearerToken(
  call: Call,
  simulator: Simulator,
  audiences: string[],
): Promise<TokenCheck> {
  const token = bearerToken(call)
  if (!token) return { state: 'missing' }
  let caller: Claims
  try {
    caller = await claimsOf(token, simulator.state.entra.signingKey)
  } catch (error) {
    const refused =
      error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JOSEAlgNotAllowed
    return { state: refused ? 'badSignature' : 'malformed' }
  }
  if (typeof caller.oid !== 'string' || typeof caller.aud !== 'string' || typeof caller.exp !== 'number')
    return { state: 'malformed' }
  const seconds = simulator.now() / 1000
  if (simulator.faults.expired(token) || caller.exp <= seconds || (caller.nbf ?? 0) > seconds)
    return { state: 'expired', caller }
  const wanted = audiences.some((audience) => withoutSlash(audience) === withoutSlash(caller.aud))
  return { state: wanted ? 'valid' : 'wrongAudience', caller }
}

/** What a client has proved, and what it wants a token for. */
export interface AccessTokenRequest {
  principal: ServicePrincipalObject
  /** The resource exactly as it was asked for. */
  audience: string
  /** A federated assertion counts as a certificate. */
  proof: 'secret' | 'certificate'
  /** The client can deal with claims challenges (`cp1`): its tokens live a day. */
  continuous?: boolean
  /** Application roles at the resource. */
  roles?: string[]
}

const opaque = (bytes: number) => randomBytes(bytes).toString('base64url')

/** Makes a version 1 access token for an application, as Azure Resource Manager, Graph and Key Vault get it. Times in seconds. */
export async function mintAccessToken(
  simulator: Simulator,
  grant: AccessTokenRequest,
): Promise<{ token: string; expiresIn: number; notBefore: number; expiresOn: number }> {
  const { principal } = grant
  const { tenant, entra } = simulator.state
  const now = Math.floor(simulator.now() / 1000)
  const expiresIn = grant.continuous ? 86_399 : 3599
  // Entra dates a token five minutes back, so that slow clocks accept it.
  const times = { iat: now - 300, nbf: now - 300, exp: now + expiresIn + 1 }
  const claims = {
    aud: grant.audience,
    iss: tokenIssuerOf(tenant.id),
    ...times,
    aio: opaque(33),
    appid: principal.appId,
    appidacr: grant.proof === 'secret' ? '1' : '2',
    idp: tokenIssuerOf(tenant.id),
    idtyp: 'app',
    oid: principal.id,
    rh: `1.${opaque(36)}.`,
    ...(grant.roles?.length ? { roles: grant.roles } : {}),
    sub: principal.id,
    tid: tenant.id,
    uti: opaque(16),
    ver: '1.0',
    ...(grant.continuous ? { xms_cc: ['cp1'] } : {}),
    xms_ftd: opaque(32),
    xms_idrel: '7 10',
    ...(principal.managedIdentityId ? { xms_mirid: principal.managedIdentityId } : {}),
    xms_rd: opaque(32),
    xms_tcdt: 1_577_836_800,
  }
  const { kid } = entra.signingKey
  const token = await new SignJWT(claims)
    .setProtectedHeader({ typ: 'JWT', alg: 'RS256', x5t: kid!, kid: kid! })
    .sign(await cryptoKey(entra.signingKey))
  return { token, expiresIn, notBefore: times.nbf, expiresOn: times.exp }
}
