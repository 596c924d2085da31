import type { Reply } from '../../http.ts'
import type { Simulator } from '../../simulator.ts'
import { publicKeySet } from '../auth/signing-keys.ts'
import type { KubeCluster } from '../state.ts'

const caching = { 'cache-control': 'public, max-age=3600' }

/** Returns the OpenID configuration of a cluster's issuer. */
export const discoveryReply = ({ issuer }: KubeCluster): Reply => ({
  status: 200,
  headers: { 'content-type': 'application/json', ...caching },
  body: {
    issuer,
    jwks_uri: `${issuer.replace(/\/$/, '')}/openid/v1/jwks`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  },
})

/** Returns a cluster's public keys, by default those of the simulated cluster. */
export const keySetReply = (
  simulator: Simulator,
  cluster: KubeCluster,
  keySet: unknown = publicKeySet(simulator, cluster),
): Reply => ({
  status: 200,
  headers: { 'content-type': 'application/jwk-set+json', ...caching },
  body: keySet,
})
