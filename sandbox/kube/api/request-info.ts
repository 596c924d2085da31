import type { Call } from '../../http.ts'
import type { AccessAttributes } from '../auth/rbac.ts'
import { type ApiResource, findResource } from '../objects/resources.ts'

/** What a request for a resource is about. */
export interface RequestInfo {
  resource: ApiResource
  namespace: string
  /** True when the path names a namespace; a list without one is over all of them. */
  inNamespace: boolean
  name: string
  subresource: string
  /** Segments after the subresource, for proxies. */
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

/** Reads `/api/v1/…` and `/apis/{group}/{version}/…`; undefined for a path that is no resource. */
export function parseRequestInfo(call: Call, segments: string[]): RequestInfo | undefined {
  const [root, ...path] = segments
  if (root !== 'api' && root !== 'apis') return undefined
  const [group, version, ...parts] = root === 'api' ? ['', ...path] : path
  if (group === undefined || version === undefined || !parts.length) return undefined
  const inNamespace =
    parts[0] === 'namespaces' && parts.length > 2 && !['status', 'finalize'].includes(parts[2]!)
  const [plural = '', name = '', subresource = '', ...rest] = inNamespace ? parts.slice(2) : parts
  const resource = findResource(group, version, plural)
  if (!resource) return undefined
  const namespace = inNamespace ? parts[1]! : resource.kind === 'Namespace' ? name : ''
  const plain = verbs[call.method] ?? call.method.toLowerCase()
  const verb =
    subresource === '' && call.method === 'GET'
      ? isWatch(call)
        ? 'watch'
        : name
          ? 'get'
          : 'list'
      : plain === 'delete' && !name
        ? 'deletecollection'
        : plain
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
      resource: plural,
      ...(subresource ? { subresource } : {}),
      ...(namespace ? { namespace } : {}),
      ...(name ? { name } : {}),
    },
  }
}
