import type { JWK } from 'jose'
import type { Keys } from '../keys.ts'

/** What the token service keeps: its own signing key, and the codes that it has handed out. */
export interface EntraState {
  signingKey: JWK
  /** When each device code runs out, in ms since the epoch. */
  deviceCodes?: Record<string, number>
}

export async function newEntraState(rsa: Keys['newRsaKey']): Promise<EntraState> {
  const kid = Buffer.from(crypto.getRandomValues(new Uint8Array(20))).toString('base64url')
  return { signingKey: { ...(await rsa()), kid } }
}
