import type { Reply } from '../http.ts'
import { createRouter, type Route } from '../router.ts'
import { apiGroup, apiGroupList, apiResourceList, apiVersions, versionInfo } from './api/discovery.ts'
import { discoveryReply, keySetReply } from './api/oidc-documents.ts'
import { openapiV2, openapiV3, openapiV3Group } from './api/openapi.ts'
import { methodNotAllowed, pathNotFound } from './errors.ts'
import type { ServerRequest } from './request.ts'

type Handler = Route<ServerRequest>['handler']
const get = (path: string, handler: Handler) => ({ method: 'GET', path, handler })

const json = (body: unknown): Reply => ({ status: 200, body })

const healthy = (): Reply => ({
  status: 200,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: 'ok',
})

const notAcceptable: Reply = {
  status: 406,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: '406: Not Acceptable\n\nAvailable representations: application/jwk-set+json',
}

/** kube-apiserver returns its keys only as `application/jwk-set+json`. */
const acceptsKeySet = (accept = '*/*') => /\*\/\*|application\/(\*|jwk-set\+json)/.test(accept)

/** The API server's own paths. Resources have no routes: `api/resource-handler.ts` handles all of them. */
const routes: Route<ServerRequest>[] = [
  get('/', () => json({ paths: ['/api', '/api/v1', '/apis', '/healthz', '/livez', '/readyz', '/version'] })),
  get('/version', ({ cluster }) => json(versionInfo(cluster))),
  ...['/healthz', '/livez', '/readyz'].flatMap((path) => [
    get(path, healthy),
    get(`${path}/:check*`, healthy),
  ]),
  get('/.well-known/openid-configuration', ({ cluster }) => discoveryReply(cluster)),
  get('/openid/v1/jwks', ({ call, simulator, cluster }) =>
    acceptsKeySet(call.headers.accept) ? keySetReply(simulator, cluster) : notAcceptable,
  ),
  get('/openapi/v2', ({ call, cluster }) => openapiV2(cluster, call.headers.accept ?? '')),
  get('/openapi/v3', ({ cluster }) => openapiV3(cluster)),
  get('/openapi/v3/:root*', ({ cluster, params }) => openapiV3Group(cluster, params.root ?? '')),
  get('/api', ({ simulator }) => json(apiVersions(simulator))),
  get('/apis', ({ cluster }) => json(apiGroupList(cluster))),
  get('/api/:version', ({ cluster, params }) => json(apiResourceList(cluster, '', params.version ?? ''))),
  get('/apis/:group', ({ cluster, params }) => json(apiGroup(cluster, params.group ?? ''))),
  get('/apis/:group/:version', ({ cluster, params }) =>
    json(apiResourceList(cluster, params.group ?? '', params.version ?? '')),
  ),
]

const findRoute = createRouter(routes, { caseSensitive: true })

/** Handles a request for a path of the server. Throws 404 or 405. */
export function handleServerPath(
  request: Omit<ServerRequest, 'params'>,
  path: string,
): Reply | Promise<Reply> {
  const { method } = request.call
  const match = findRoute(method === 'HEAD' ? 'GET' : method, path)
  if ('route' in match) return match.route.handler({ ...request, params: match.params })
  throw match.allowed.length > 0 ? methodNotAllowed() : pathNotFound()
}
