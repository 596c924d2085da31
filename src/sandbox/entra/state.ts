import { exportJWK, generateKeyPair, type JWK } from 'jose'

/** The token service's own signing key, and when each issuer's documents were last read. */
export interface Entra {
  signingKey: JWK
}

export async function newEntra(): Promise<Entra> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const kid = Buffer.from(crypto.getRandomValues(new Uint8Array(20))).toString('base64url')
  return { signingKey: { ...(await exportJWK(privateKey)), kid } }
}
