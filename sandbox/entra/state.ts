import type { JWK } from 'jose'
import type { Keys } from '../keys.ts'

/** State of the token service. */
export interface EntraState {
  signingKey: JWK
  /** Expiry of each issued device code, in ms since the epoch. */
  deviceCodes?: Record<string, number>
}

export async function newEntraState(rsa: Keys['newRsaKey']): Promise<EntraState> {
  const kid = Buffer.from(crypto.getRandomValues(new Uint8Array(20))).toString('base64url')
  return { signingKey: { ...(await rsa()), kid } }
}
