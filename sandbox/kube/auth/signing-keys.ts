import { createPublicKey } from 'node:crypto'
import { importJWK, type JWK } from 'jose'
import { sha256 } from '../../sha256.ts'
import type { Simulator } from '../../simulator.ts'
import type { KubeCluster } from '../state.ts'

const retirement = 24 * 3_600_000

/** Creates an RS256 key. Its ID is the hash of its public part, as in kube-apiserver. */
async function newSigningKey({ newRsaKey }: Simulator): Promise<JWK> {
  const jwk = await newRsaKey()
  const spki = createPublicKey({ key: jwk as never, format: 'jwk' }).export({ type: 'spki', format: 'der' })
  return { ...jwk, alg: 'RS256', use: 'sig', kid: sha256(spki).toString('base64url') }
}

/** Creates the keys of a new cluster: one that signs, and a spare. */
export const newSigningKeys = (simulator: Simulator): Promise<JWK[]> =>
  Promise.all([newSigningKey(simulator), newSigningKey(simulator)])

/** Returns the keys whose tokens are valid. */
export function validKeys(simulator: Simulator, { signingKeys, retiring }: KubeCluster): JWK[] {
  const retired = retiring && simulator.now() >= retiring.at + retirement ? retiring.kid : undefined
  return signingKeys.filter(({ kid }) => kid !== retired)
}

export const publicKeySet = (simulator: Simulator, cluster: KubeCluster) => ({
  keys: validKeys(simulator, cluster).map(({ use, kty, kid, alg, n, e }) => ({ use, kty, kid, alg, n, e })),
})

/**
 * Rotates the signing key. The previous key stays valid for 24 hours or until the next rotation; the spare key, which
 * AKS publishes from the start, is not used.
 */
export async function addSigningKey(simulator: Simulator, cluster: KubeCluster): Promise<void> {
  const [signer, ...rest] = cluster.signingKeys
  cluster.signingKeys = [await newSigningKey(simulator), signer!, rest.at(-1)!]
  cluster.retiring = { kid: signer!.kid!, at: simulator.now() }
}

export const signingKey = async (cluster: KubeCluster) => {
  const key = cluster.signingKeys[0]!
  return { kid: key.kid!, key: await importJWK(key, 'RS256') }
}
