import { createHash, createPublicKey } from 'node:crypto'
import { importJWK, type JWK } from 'jose'
import type { Cloud } from '../../cloud.ts'
import type { KubeCluster } from '../state.ts'

const retirement = 24 * 3_600_000

/** A new RS256 key. Its id is the hash of its public part, as the API server makes it. */
async function newSigningKey({ rsa }: Cloud): Promise<JWK> {
  const jwk = await rsa()
  const spki = createPublicKey({ key: jwk as never, format: 'jwk' }).export({ type: 'spki', format: 'der' })
  return { ...jwk, alg: 'RS256', use: 'sig', kid: createHash('sha256').update(spki).digest('base64url') }
}

/** Those of a new cluster: one that signs, and a spare. */
export const newSigningKeys = (cloud: Cloud): Promise<JWK[]> =>
  Promise.all([newSigningKey(cloud), newSigningKey(cloud)])

/** The keys that the cluster signs with or still honours. */
export function validKeys(cloud: Cloud, { signingKeys, retiring }: KubeCluster): JWK[] {
  const retired = retiring && cloud.now() >= retiring.at + retirement ? retiring.kid : undefined
  return signingKeys.filter(({ kid }) => kid !== retired)
}

export const publicKeySet = (cloud: Cloud, cluster: KubeCluster) => ({
  keys: validKeys(cloud, cluster).map(({ use, kty, kid, alg, n, e }) => ({ use, kty, kid, alg, n, e })),
})

/**
 * A new key signs from now on; the one before stays valid for 24 h, or until the next rotation. The spare key that
 * AKS publishes from the start stays where it is.
 */
export async function addSigningKey(cloud: Cloud, cluster: KubeCluster): Promise<void> {
  const [signer, ...rest] = cluster.signingKeys
  cluster.signingKeys = [await newSigningKey(cloud), signer!, rest.at(-1)!]
  cluster.retiring = { kid: signer!.kid!, at: cloud.now() }
  cloud.changed()
}

export const signingKey = async (cluster: KubeCluster) => {
  const key = cluster.signingKeys[0]!
  return { kid: key.kid!, key: await importJWK(key, 'RS256') }
}
