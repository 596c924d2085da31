import { randomUUID } from 'node:crypto'
import { decodeJwt } from 'jose'
import { type Call, InvalidBodyError, type Reply } from '../http.ts'
import { ownProperty } from '../own-property.ts'
import type { Service } from '../service.ts'
import type { Simulator } from '../simulator.ts'
import { discoveryDocument, versionInfo } from './api/discovery.ts'
import { openapiReply } from './api/openapi.ts'
import { parseRequestInfo, type RequestInfo } from './api/request-info.ts'
import { handleResource } from './api/resource-handler.ts'
import { anonymous, authenticateUser } from './auth/authentication.ts'
import { impersonatedUser } from './auth/impersonation.ts'
import { authorize } from './auth/rbac.ts'
import type { User } from './auth/tokens.ts'
import { reconcile } from './controllers/reconcile.ts'
import { forbidden, KubeError, pathNotFound, unauthorized } from './errors.ts'
import { issuerFailure, kubeFailure } from './failures.ts'
import { discoveryReply, handleIssuer, keySetReply } from './issuer.ts'
import { startDuePods } from './pods/processes.ts'
import type { KubeCluster } from './state.ts'
import { rotateWebhookCertificate } from './webhook/certificate.ts'

const open = /^\/(version|healthz|livez|readyz)(\/|$)/
const showsPods = new Set([
  'pods',
  'deployments',
  'replicasets',
  'jobs',
  'services',
  'endpoints',
  'endpointslices',
])

const priority = {
  'x-kubernetes-pf-flowschema-uid': 'c5f0a7c1-0a5f-4a0b-8d0e-6d6a3c2f9a11',
  'x-kubernetes-pf-prioritylevel-uid': '6a3d1a83-0c58-4f3b-9b0a-0a4de1d1f0a2',
}

const standard = () => ({
  'audit-id': randomUUID(),
  'cache-control': 'no-cache, private',
  'content-type': 'application/json',
  ...priority,
})

const text = (body: string): Reply => ({
  status: 200,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body,
})

const document = (body: unknown): Reply => ({ status: 200, body })

/** The server's own paths: health, version, discovery, the issuer's documents. */
function answerPath(
  simulator: Simulator,
  cluster: KubeCluster,
  call: Call,
  path: string,
  segments: string[],
): Reply {
  if (path === '/version') return document(versionInfo(cluster))
  if (/^\/(healthz|livez|readyz)(\/|$)/.test(path)) return text('ok')
  if (path === '/.well-known/openid-configuration') return discoveryReply(cluster)
  if (path === '/openid/v1/jwks') return takesKeySet(call) ? keySetReply(simulator, cluster) : notAcceptable
  if (path === '/')
    return document({ paths: ['/api', '/api/v1', '/apis', '/healthz', '/livez', '/readyz', '/version'] })
  const schema = segments[0] === 'openapi' ? openapiReply(segments, call.headers.accept ?? '') : undefined
  if (schema) return schema
  const found = discoveryDocument(simulator, segments)
  if (!found) throw pathNotFound()
  return document(found)
}

function permit(
  cluster: KubeCluster,
  user: User,
  call: Call,
  path: string,
  info: RequestInfo | undefined,
): void {
  if (!info) {
    const verb = call.method === 'HEAD' ? 'get' : call.method.toLowerCase()
    if (authorize(cluster, user, { verb, path }).allowed) return
    const why = `User ${JSON.stringify(user.username)} cannot ${verb} path ${JSON.stringify(path)}`
    throw new KubeError(403, 'Forbidden', `forbidden: ${why}`, {})
  }
  if (authorize(cluster, user, info.attributes).allowed) return
  const { resource, namespace, name, subresource, attributes } = info
  const where = namespace ? `in the namespace ${JSON.stringify(namespace)}` : 'at the cluster scope'
  const resourcePath = subresource ? `${resource.name}/${subresource}` : resource.name
  throw forbidden(
    resource,
    name,
    `User ${JSON.stringify(user.username)} cannot ${attributes.verb} resource ${JSON.stringify(resourcePath)} in API group ${JSON.stringify(resource.group)} ${where}`,
  )
}

async function answer(
  simulator: Simulator,
  cluster: KubeCluster,
  call: Call,
  segments: string[],
): Promise<Reply> {
  const path = `/${segments.join('/')}`
  const holder = await authenticateUser(simulator, cluster, call)
  if (holder === anonymous && !open.test(path)) throw unauthorized()
  const user = impersonatedUser(cluster, holder, call)
  const info = parseRequestInfo(call, segments)
  permit(cluster, user, call, path, info)
  if (!info) return answerPath(simulator, cluster, call, path, segments)
  reconcile(simulator, cluster)
  if (showsPods.has(info.resource.name)) {
    await startDuePods(simulator, cluster)
    reconcile(simulator, cluster)
  }
  await rotateWebhookCertificate(simulator, cluster)
  const reply = await handleResource({ simulator, cluster, call, user, info })
  if (call.method !== 'GET') reconcile(simulator, cluster)
  return reply
}

/** A real API server hands its keys out under their own media type only. */
const takesKeySet = ({ headers: { accept = '*/*' } }: Call) =>
  /\*\/\*|application\/(\*|jwk-set\+json)/.test(accept)
const notAcceptable: Reply = {
  status: 406,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: '406: Not Acceptable\n\nAvailable representations: application/jwk-set+json',
}

/** The cluster of a token, for clients that leave out the base path of its address (`kubectl get --raw`). */
function clusterOfToken(simulator: Simulator, call: Call): KubeCluster | undefined {
  const token = call.headers.authorization?.replace(/^bearer\s+/i, '') ?? ''
  const issuer = token.split('.').length === 3 ? issuerOf(token) : undefined
  return Object.values(simulator.state.clusters).find(
    (each) => each.adminToken === token || each.issuer === issuer,
  )
}

const issuerOf = (token: string) => {
  try {
    return decodeJwt(token).iss
  } catch {
    return undefined
  }
}

/** The API servers of all clusters: `/{fqdn}/api/v1/…`. */
const handle: Service['handle'] = async (call, simulator) => {
  const [first = '', ...rest] = call.segments
  const named = ownProperty(simulator.state.clusters, first.toLowerCase())
  const cluster = named ?? clusterOfToken(simulator, call)
  if (!cluster) return { status: 404, headers: { 'content-type': 'text/plain' }, body: 'no such host\n' }
  const headers = standard()
  try {
    const reply = await answer(simulator, cluster, call, named ? rest : call.segments)
    return { ...reply, headers: { ...headers, ...reply.headers } }
  } catch (error) {
    if (error instanceof InvalidBodyError)
      return {
        status: 400,
        headers,
        body: new KubeError(400, 'BadRequest', `error decoding body: ${error.message}`).status,
      }
    if (error instanceof KubeError) return { status: error.code, headers, body: error.status }
    throw error
  }
}

export const kubeService: Service = {
  name: 'kube',
  address: {
    label: 'kube',
    basePath: '/kube',
    ownPaths: /^\/(apis?|version|openapi|openid|healthz|livez|readyz|\.well-known)(?=\/|$)/,
  },
  handle,
  state: { key: 'clusters', create: () => ({}) },
  failure: kubeFailure,
  readOnlyPosts:
    /\/((self|local)?subject(access|rules)?reviews|tokenreviews|serviceaccounts\/[^/]+\/token)$/i,
}

/** The host that publishes the clusters' OIDC documents. */
export const issuerService: Service = {
  name: 'issuer',
  address: { label: 'oic', basePath: '/oic' },
  handle: handleIssuer,
  failure: issuerFailure,
}
