import { compactVerify, SignJWT } from 'jose'
import { importKey, publicKey } from '../entra/access-tokens.ts'
import type { Simulator } from '../simulator.ts'
import type { Access } from './permissions.ts'
import type { Registry } from './registries.ts'

const issuer = 'Azure Container Registry'
const lifetimes = { refresh_token: 3 * 3600, access_token: 75 * 60 }

type TokenKind = keyof typeof lifetimes

/** The claims of a token that the registry issues itself. */
export interface RegistryClaims {
  /** Object ID of the principal. */
  sub: string
  grant_type: TokenKind
  aud: string
  exp: number
  /** Which permissions counted when it was issued: a change invalidates it. */
  mode: 'abac' | 'legacy'
  access?: Access[]
}

const modeOf = ({ abac }: Registry) => (abac ? 'abac' : 'legacy')

/** Signs a token of the registry for a principal. */
export async function issueToken(
  simulator: Simulator,
  registry: Registry,
  kind: TokenKind,
  principal: string,
  access?: Access[],
): Promise<string> {
  const now = Math.floor(simulator.now() / 1000)
  const { signingKey } = simulator.state.entra
  const claims = {
    jti: crypto.randomUUID(),
    sub: principal,
    nbf: now - 900,
    exp: now + lifetimes[kind],
    iat: now - 900,
    iss: issuer,
    aud: registry.loginServer,
    version: '1.0',
    grant_type: kind,
    mode: modeOf(registry),
    ...(access && { access }),
  }
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: signingKey.kid! })
    .sign(await importKey(signingKey))
}

/** Returns the claims of a valid token of the kind that the registry has issued. */
export async function readToken(
  simulator: Simulator,
  registry: Registry,
  kind: TokenKind,
  token: string | undefined,
): Promise<RegistryClaims | undefined> {
  if (!token) return undefined
  const key = await importKey(publicKey(simulator.state.entra.signingKey))
  const verified = await compactVerify(token, key, { algorithms: ['RS256'] }).catch(() => undefined)
  if (!verified) return undefined
  const claims = JSON.parse(Buffer.from(verified.payload).toString()) as RegistryClaims & { iss?: string }
  const isCurrent =
    claims.iss === issuer &&
    claims.aud === registry.loginServer &&
    claims.grant_type === kind &&
    claims.mode === modeOf(registry) &&
    claims.exp > simulator.now() / 1000 &&
    !simulator.faults.isExpired(token)
  return isCurrent ? claims : undefined
}
