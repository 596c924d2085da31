import { exportJWK, generateKeyPair, type JWK } from 'jose'

/** What the token service keeps: its own signing key, and the codes that it has handed out. */
export interface Entra {
  signingKey: JWK
  /** When each device code runs out, in ms since the epoch. */
  deviceCodes?: Record<string, number>
}

export async function newEntra(): Promise<Entra> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const kid = Buffer.from(crypto.getRandomValues(new Uint8Array(20))).toString('base64url')
  return { signingKey: { ...(await exportJWK(privateKey)), kid } }
}
