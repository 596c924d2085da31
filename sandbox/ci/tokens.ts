import { createPublicKey, randomUUID } from 'node:crypto'
import { importJWK, type JWK, type JWTPayload, SignJWT } from 'jose'
import { sha256 } from '../sha256.ts'
import type { Simulator } from '../simulator.ts'
import { type CiSystem, issuerUrl } from './hosts.ts'

/** In seconds. */
const lifetime = 300

async function signingKeyOf(simulator: Simulator): Promise<JWK> {
  const { ci } = simulator.state
  if (!ci.signingKey) {
    const jwk = await simulator.newRsaKey()
    const spki = createPublicKey({ key: jwk as never, format: 'jwk' }).export({ type: 'spki', format: 'der' })
    ci.signingKey = { ...jwk, alg: 'RS256', use: 'sig', kid: sha256(spki).toString('base64url') }
    simulator.markChanged()
  }
  return ci.signingKey
}

/** Returns the public keys of all CI systems. */
export async function publicKeys(simulator: Simulator) {
  const { use, kty, kid, alg, n, e } = await signingKeyOf(simulator)
  return { keys: [{ use, kty, kid, alg, n, e }] }
}

/** Signs a token of a job. */
export async function signJobToken(
  simulator: Simulator,
  system: CiSystem,
  { subject, audience, claims = {} }: { subject: string; audience: string; claims?: JWTPayload },
): Promise<string> {
  const key = await signingKeyOf(simulator)
  const now = Math.floor(simulator.now() / 1000)
  return new SignJWT({
    ...claims,
    iss: issuerUrl(simulator, system),
    sub: subject,
    aud: audience,
    iat: now,
    nbf: now,
    exp: now + lifetime,
    jti: randomUUID(),
  })
    .setProtectedHeader({ alg: 'RS256', kid: key.kid!, typ: 'JWT' })
    .sign(await importJWK(key, 'RS256'))
}
