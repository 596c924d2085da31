import { randomBytes } from 'node:crypto'
import { compactVerify, decodeJwt, errors, importJWK, type JWK, SignJWT } from 'jose'
import type { ServicePrincipalObject } from '../graph/state.ts'
import type { Call } from '../http.ts'
import type { Simulator } from '../simulator.ts'

/** The claims of an access token that identify its holder. `exp` is in seconds. */
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

const keyCache = new WeakMap<JWK, ReturnType<typeof importJWK>>()

export const importKey = (jwk: JWK) => {
  const cached = keyCache.get(jwk)
  if (cached) return cached
  const imported = importJWK(jwk, 'RS256')
  keyCache.set(jwk, imported)
  return imported
}

const publicKeys = new WeakMap<JWK, JWK>()

/** Returns the public half of the signing key; the same object each time, because it is a cache key. */
export function publicKey(signingKey: JWK): JWK {
  let publicPart = publicKeys.get(signingKey)
  if (!publicPart) {
    publicPart = { kty: signingKey.kty!, n: signingKey.n!, e: signingKey.e!, kid: signingKey.kid! }
    publicKeys.set(signingKey, publicPart)
  }
  return publicPart
}

export const tokenIssuerOf = (tenantId: string) => `https://sts.windows.net/${tenantId}/`

const trimSlashes = (audience: string) => audience.replace(/\/+$/, '')

/** Returns the request's bearer token, or `undefined` if it has none. */
export const bearerToken = (call: Call): string | undefined =>
  /^bearer +(\S+) *$/i.exec(call.headers.authorization ?? '')?.[1]

type Claims = CallerClaims & { nbf?: number }

/** Verified claims by signing key and token: a valid signature stays valid. */
const verified = new WeakMap<JWK, Map<string, Claims>>()

async function verifyClaims(token: string, signingKey: JWK): Promise<Claims> {
  const cache = verified.get(signingKey) ?? new Map<string, Claims>()
  verified.set(signingKey, cache)
  const cached = cache.get(token)
  if (cached) return cached
  const { payload } = await compactVerify(token, await importKey(publicKey(signingKey)), {
    algorithms: ['RS256'],
  })
  const claims = JSON.parse(Buffer.from(payload).toString('utf8'))
  if (cache.size < 1000) cache.set(token, claims)
  return claims
}

/** Checks the request's bearer token, as `checkToken` does. */
export const checkBearerToken = (call: Call, simulator: Simulator, audiences: string[]) =>
  checkToken(bearerToken(call), simulator, audiences)

/** Returns the issuer that a token claims to have, unverified; undefined if it can't be read. */
export function claimedIssuer(token: string): string | undefined {
  try {
    return decodeJwt(token).iss
  } catch {
    return undefined
  }
}

/** Checks the signature, lifetime and audience of a token. A trailing slash in the audience is ignored. */
export async function checkToken(
  token: string | undefined,
  simulator: Simulator,
  audiences: string[],
): Promise<TokenCheck> {
  if (!token) return { state: 'missing' }
  let caller: Claims
  try {
    caller = await verifyClaims(token, simulator.state.entra.signingKey)
  } catch (error) {
    const badSignature =
      error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JOSEAlgNotAllowed
    return { state: badSignature ? 'badSignature' : 'malformed' }
  }
  if (typeof caller.oid !== 'string' || typeof caller.aud !== 'string' || typeof caller.exp !== 'number')
    return { state: 'malformed' }
  const seconds = simulator.now() / 1000
  if (simulator.faults.isExpired(token) || caller.exp <= seconds || (caller.nbf ?? 0) > seconds)
    return { state: 'expired', caller }
  const accepted = audiences.some((audience) => trimSlashes(audience) === trimSlashes(caller.aud))
  return { state: accepted ? 'valid' : 'wrongAudience', caller }
}

/** The authenticated client, and the resource it requests a token for. */
export interface AccessTokenRequest {
  principal: ServicePrincipalObject
  /** The resource exactly as the client wrote it. */
  audience: string
  /** A federated assertion is reported as a certificate (`appidacr` 2). */
  proof: 'secret' | 'certificate'
  /** The client handles claims challenges (`cp1`), so its tokens are valid for a day. */
  continuous?: boolean
  /** Application roles at the resource. */
  roles?: string[]
}

const randomValue = (bytes: number) => randomBytes(bytes).toString('base64url')

/** Signs a version 1 access token, the kind that Azure Resource Manager, Graph and Key Vault accept. Times are in seconds. */
export async function mintAccessToken(
  simulator: Simulator,
  request: AccessTokenRequest,
): Promise<{ token: string; expiresIn: number; notBefore: number; expiresOn: number }> {
  const { principal } = request
  const { tenant, entra } = simulator.state
  const now = Math.floor(simulator.now() / 1000)
  const expiresIn = request.continuous ? 86_399 : 3599
  // Entra backdates tokens by five minutes to allow for clock skew.
  const times = { iat: now - 300, nbf: now - 300, exp: now + expiresIn + 1 }
  const claims = {
    aud: request.audience,
    iss: tokenIssuerOf(tenant.id),
    ...times,
    aio: randomValue(33),
    appid: principal.appId,
    appidacr: request.proof === 'secret' ? '1' : '2',
    idp: tokenIssuerOf(tenant.id),
    idtyp: 'app',
    oid: principal.id,
    rh: `1.${randomValue(36)}.`,
    ...(request.roles?.length ? { roles: request.roles } : {}),
    sub: principal.id,
    tid: tenant.id,
    uti: randomValue(16),
    ver: '1.0',
    ...(request.continuous ? { xms_cc: ['cp1'] } : {}),
    xms_ftd: randomValue(32),
    xms_idrel: '7 10',
    ...(principal.managedIdentityId ? { xms_mirid: principal.managedIdentityId } : {}),
    xms_rd: randomValue(32),
    xms_tcdt: 1_577_836_800,
  }
  const { kid } = entra.signingKey
  const token = await new SignJWT(claims)
    .setProtectedHeader({ typ: 'JWT', alg: 'RS256', x5t: kid!, kid: kid! })
    .sign(await importKey(entra.signingKey))
  return { token, expiresIn, notBefore: times.nbf, expiresOn: times.exp }
}
