import type { Reply } from '../http.ts'
import type { Service } from '../service.ts'
import type { Simulator } from '../simulator.ts'
import { publicKeySet } from './auth/signing-keys.ts'
import type { KubeCluster } from './state.ts'

export const discoveryDocument = (issuer: string) => ({
  issuer,
  jwks_uri: `${issuer}openid/v1/jwks`,
  response_types_supported: ['id_token'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
})

const caching = { 'cache-control': 'public, max-age=3600' }

export const discoveryReply = (cluster: KubeCluster): Reply => ({
  status: 200,
  headers: { 'content-type': 'application/json', ...caching },
  body: discoveryDocument(cluster.issuer),
})

const keys = (body: unknown): Reply => ({
  status: 200,
  headers: { 'content-type': 'application/jwk-set+json', ...caching },
  body,
})

export const keySetReply = (simulator: Simulator, cluster: KubeCluster): Reply =>
  keys(publicKeySet(simulator, cluster))

/** What the world may read: of a real cluster, the keys that its API server has. */
const published = async (simulator: Simulator, cluster: KubeCluster): Promise<Reply> => {
  if (!simulator.realCluster) return keySetReply(simulator, cluster)
  try {
    return keys(await simulator.realCluster.keySet())
  } catch (error) {
    return { status: 503, headers: { 'content-type': 'text/plain' }, body: (error as Error).message }
  }
}

const absent: Reply = {
  status: 404,
  headers: { 'content-type': 'application/xml' },
  body: '<?xml version="1.0" encoding="utf-8"?><Error><Code>BlobNotFound</Code><Message>The specified blob does not exist.</Message></Error>',
}

/** The clusters' public documents, open to everyone: `/{region}/{tenant}/{uuid}/…`. */
export const handleIssuer: Service['handle'] = async (call, simulator) => {
  const [region, tenant, id, ...rest] = call.segments
  const asked = `${simulator.addresses.issuers}/${region}/${tenant}/${id}/`
  const cluster = Object.values(simulator.state.clusters).find((each) => each.issuer === asked)
  if (!cluster || cluster.unpublished) return absent
  if (call.method !== 'GET' && call.method !== 'HEAD') return { status: 405, headers: { allow: 'GET, HEAD' } }
  const document = rest.join('/')
  if (document === '.well-known/openid-configuration') return discoveryReply(cluster)
  if (document === 'openid/v1/jwks') return published(simulator, cluster)
  return absent
}
