import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { decodeJwt } from 'jose'
import { type Call, InvalidBodyError, type Reply } from '../http.ts'
import { ownProperty } from '../own-property.ts'
import type { Service } from '../service.ts'
import type { Simulator } from '../simulator.ts'
import { parseRequestInfo } from './api/request-info.ts'
import { handleResource } from './api/resource-handler.ts'
import { anonymous, authenticateUser } from './auth/authentication.ts'
import { requirePathAccess, requireResourceAccess } from './auth/authorize-request.ts'
import { isAuthorizedAddress } from './auth/authorized-addresses.ts'
import { aksServerApplication, entraProfileOf } from './auth/entra-users.ts'
import { impersonatedUser } from './auth/impersonation.ts'
import { advanceCluster } from './controllers/advance.ts'
import { reconcile } from './controllers/reconcile.ts'
import { KubeError, unauthorized } from './errors.ts'
import { kubeFailure } from './failures.ts'
import { handleServerPath } from './routes.ts'
import type { KubeCluster } from './state.ts'
import { answerTokenProxy } from './token-proxy.ts'

/** Paths that need no credentials. */
const anonymousPaths = /^\/(version|healthz|livez|readyz)(\/|$)/

/** Resources whose objects depend on running pods. */
const podDependent = new Set([
  'pods',
  'deployments',
  'replicasets',
  'jobs',
  'services',
  'endpoints',
  'endpointslices',
])

const standardHeaders = () => ({
  'audit-id': randomUUID(),
  'cache-control': 'no-cache, private',
  'content-type': 'application/json',
  'x-kubernetes-pf-flowschema-uid': 'c5f0a7c1-0a5f-4a0b-8d0e-6d6a3c2f9a11',
  'x-kubernetes-pf-prioritylevel-uid': '6a3d1a83-0c58-4f3b-9b0a-0a4de1d1f0a2',
})

/** A cluster, and the path of a request below its API server's address. */
interface ClusterPath {
  cluster: KubeCluster
  /** Percent-encoded. */
  path: string
  /** Decoded. */
  segments: string[]
}

/** Finds the cluster by the first segment, or by the token: `kubectl get --raw` omits the path of the server's address. */
function locateCluster(simulator: Simulator, call: Call): ClusterPath | undefined {
  const [fqdn = '', ...segments] = call.segments
  const named = ownProperty(simulator.state.clusters, fqdn.toLowerCase())
  if (named) return { cluster: named, path: call.path.replace(/^\/[^/]+/, '') || '/', segments }
  const cluster = findClusterByToken(simulator, call)
  return cluster && { cluster, path: call.path, segments: call.segments }
}

function findClusterByToken(simulator: Simulator, call: Call): KubeCluster | undefined {
  const token = call.headers.authorization?.replace(/^bearer\s+/i, '') ?? ''
  const { iss, aud } = token.split('.').length === 3 ? claimsOf(token) : {}
  return Object.values(simulator.state.clusters).find(
    (each) =>
      each.adminToken === token ||
      each.issuer === iss ||
      (aud === aksServerApplication && entraProfileOf(simulator, each)),
  )
}

const claimsOf = (token: string) => {
  try {
    return decodeJwt(token)
  } catch {
    return {}
  }
}

/** Authenticates and authorizes a request, then serves it. Throws `KubeError`. */
async function answer(call: Call, simulator: Simulator, location: ClusterPath): Promise<Reply> {
  const proxied = await answerTokenProxy(call, simulator, location)
  if (proxied) return proxied
  if (!isAuthorizedAddress(simulator, location.cluster, call.clientAddress)) {
    await delay(simulator.durationOf('blockedConnection'))
    return { status: 0 }
  }
  const { cluster, segments } = location
  const path = `/${segments.join('/')}`
  const caller = await authenticateUser(simulator, cluster, call)
  if (caller === anonymous && !anonymousPaths.test(path)) throw unauthorized()
  const user = impersonatedUser(cluster, caller, call)
  const info = parseRequestInfo(cluster, call, segments)
  if (!info) {
    requirePathAccess(cluster, user, call.method, path)
    return handleServerPath({ call, simulator, cluster }, location.path)
  }
  requireResourceAccess(cluster, user, info)
  await advanceCluster(simulator, cluster, podDependent.has(info.resource.name))
  const reply = await handleResource({ simulator, cluster, call, user, info })
  if (call.method !== 'GET') reconcile(simulator, cluster)
  return reply
}

const handle: Service['handle'] = async (call, simulator) => {
  const location = locateCluster(simulator, call)
  if (!location) return { status: 404, headers: { 'content-type': 'text/plain' }, body: 'no such host\n' }
  const headers = standardHeaders()
  try {
    const reply = await answer(call, simulator, location)
    return { ...reply, headers: { ...headers, ...reply.headers } }
  } catch (thrown) {
    const error =
      thrown instanceof InvalidBodyError
        ? new KubeError(400, 'BadRequest', `error decoding body: ${thrown.message}`)
        : thrown
    if (error instanceof KubeError) return { status: error.code, headers, body: error.status }
    throw error
  }
}

/** The API servers of all clusters: `/{fqdn}/api/v1/…`. */
export const kubeService: Service = {
  name: 'kube',
  address: {
    label: 'kube',
    basePath: '/kube',
    ownPaths: /^\/(apis?|version|openapi|openid|healthz|livez|readyz|\.well-known)(?=\/|$)/,
  },
  handle,
  audiences: () => [aksServerApplication],
  state: { key: 'clusters', create: () => ({}) },
  failure: kubeFailure,
  readOnlyPosts:
    /\/((self|local)?subject(access|rules)?reviews|tokenreviews|serviceaccounts\/[^/]+\/token|oauth2\/v2\.0\/token)$/i,
}
