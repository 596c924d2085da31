import type { Call } from '../../http.ts'
import type { AccessAttributes } from '../auth/access-attributes.ts'
import { findApiResource } from '../objects/custom-resources.ts'
import type { ApiResource } from '../objects/resources.ts'
import type { KubeCluster } from '../state.ts'

/** What a resource request refers to (like `RequestInfo` in kube-apiserver). */
export interface RequestInfo {
  resource: ApiResource
  namespace: string
  /** True if the path names a namespace. A list without one covers all namespaces. */
  inNamespace: boolean
  name: string
  subresource: string
  /** Segments after the subresource, as in proxy paths. */
  rest: string[]
  attributes: AccessAttributes
}

const verbs: Record<string, string> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
  GET: 'get',
  HEAD: 'get',
}

export const isWatch = (call: Call) => ['true', '1'].includes(call.query('watch') ?? '')

/** Parses `/api/v1/…` and `/apis/{group}/{version}/…`. Returns `undefined` for other paths. */
export function parseRequestInfo(
  cluster: KubeCluster,
  call: Call,
  segments: string[],
): RequestInfo | undefined {
  const [root, ...path] = segments
  if (root !== 'api' && root !== 'apis') return undefined
  const [group, version, ...parts] = root === 'api' ? ['', ...path] : path
  if (group === undefined || version === undefined || !parts.length) return undefined
  const inNamespace =
    parts[0] === 'namespaces' && parts.length > 2 && !['status', 'finalize'].includes(parts[2]!)
  const [resourceName = '', name = '', subresource = '', ...rest] = inNamespace ? parts.slice(2) : parts
  const resource = findApiResource(cluster, group, version, resourceName)
  if (!resource) return undefined
  const namespace = inNamespace ? parts[1]! : resource.kind === 'Namespace' ? name : ''
  const methodVerb = verbs[call.method] ?? call.method.toLowerCase()
  const verb =
    subresource === '' && call.method === 'GET'
      ? isWatch(call)
        ? 'watch'
        : name
          ? 'get'
          : 'list'
      : methodVerb === 'delete' && !name
        ? 'deletecollection'
        : methodVerb
  return {
    resource,
    namespace,
    inNamespace,
    name,
    subresource,
    rest,
    attributes: {
      verb,
      group,
      resource: resourceName,
      ...(subresource ? { subresource } : {}),
      ...(namespace ? { namespace } : {}),
      ...(name ? { name } : {}),
    },
  }
}
