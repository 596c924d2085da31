import type { RequestInfo } from '../api/request-info.ts'
import { forbidden, KubeError } from '../errors.ts'
import type { KubeCluster } from '../state.ts'
import { authorize } from './rbac.ts'
import type { User } from './tokens.ts'

/** Throws 403 unless the user may use this method on the path of the server. */
export function requirePathAccess(cluster: KubeCluster, user: User, method: string, path: string): void {
  const verb = method === 'HEAD' ? 'get' : method.toLowerCase()
  if (authorize(cluster, user, { verb, path }).allowed) return
  const why = `User ${JSON.stringify(user.username)} cannot ${verb} path ${JSON.stringify(path)}`
  throw new KubeError(403, 'Forbidden', `forbidden: ${why}`, {})
}

/** Throws 403 unless the user may do what the request asks of the resource. */
export function requireResourceAccess(cluster: KubeCluster, user: User, info: RequestInfo): void {
  const { allowed, reason } = authorize(cluster, user, info.attributes)
  if (allowed) return
  const { resource, namespace, name, subresource, attributes } = info
  const scope = namespace ? `in the namespace ${JSON.stringify(namespace)}` : 'at the cluster scope'
  const path = subresource ? `${resource.name}/${subresource}` : resource.name
  throw forbidden(
    resource,
    name,
    `User ${JSON.stringify(user.username)} cannot ${attributes.verb} resource ${JSON.stringify(path)} in API group ${JSON.stringify(resource.group)} ${scope}${reason && `: ${reason}`}`,
  )
}
