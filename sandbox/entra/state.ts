import type { JWK } from 'jose'
import type { StateSeed } from '../service.ts'

/** State of the token service. */
export interface EntraState {
  signingKey: JWK
  /** Expiry of each issued device code, in ms since the epoch. */
  deviceCodes?: Record<string, number>
}

export async function newEntraState({ newRsaKey }: Pick<StateSeed, 'newRsaKey'>): Promise<EntraState> {
  const kid = Buffer.from(crypto.getRandomValues(new Uint8Array(20))).toString('base64url')
  return { signingKey: { ...(await newRsaKey()), kid } }
}

declare module '../sandbox-state.ts' {
  interface SandboxState {
    entra: EntraState
  }
}
