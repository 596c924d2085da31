import type { Reply } from '../http.ts'
import { discoveryReply, keySetReply } from '../kube/api/oidc-documents.ts'
import { createRouter, type Route } from '../router.ts'
import { clusterUnavailable } from './errors.ts'
import type { IssuerRequest } from './request.ts'

const issuerPath = '/:region/:tenant/:id'

const routes: Route<IssuerRequest>[] = [
  {
    method: 'GET',
    path: `${issuerPath}/.well-known/openid-configuration`,
    handler: ({ cluster }) => discoveryReply(cluster),
  },
  { method: 'GET', path: `${issuerPath}/openid/v1/jwks`, handler: publishedKeys },
]

export const findRoute = createRouter(routes, { caseSensitive: true })

/** Returns the keys of the cluster; those of the real cluster's API server, if there is one. */
async function publishedKeys({ simulator, cluster }: IssuerRequest): Promise<Reply> {
  if (!simulator.realCluster) return keySetReply(simulator, cluster)
  try {
    return keySetReply(simulator, cluster, await simulator.realCluster.keySet())
  } catch (error) {
    return clusterUnavailable(error as Error)
  }
}
