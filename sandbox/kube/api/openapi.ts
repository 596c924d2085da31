import type { Reply } from '../../http.ts'
import { pathNotFound } from '../errors.ts'
import { servedResources } from '../objects/custom-resources.ts'
import { type ApiResource, groupVersion } from '../objects/resources.ts'
import type { JsonObject, KubeCluster } from '../state.ts'

const groupRoot = (resource: { group: string; version: string }) =>
  `${resource.group ? 'apis' : 'api'}/${groupVersion(resource)}`

const parameters = ['dryRun', 'fieldManager', 'fieldValidation', 'force', 'pretty'].map((name) => ({
  name,
  in: 'query',
  schema: { type: name === 'force' ? 'boolean' : 'string', uniqueItems: true },
}))

const resourcePath = (resource: ApiResource) =>
  `/${groupRoot(resource)}${resource.namespaced ? '/namespaces/{namespace}' : ''}/${resource.name}/{name}`

const patchOperation = (resource: ApiResource): JsonObject => ({
  parameters,
  responses: { 200: { description: 'OK' } },
  'x-kubernetes-action': 'patch',
  'x-kubernetes-group-version-kind': {
    group: resource.group,
    version: resource.version,
    kind: resource.kind,
  },
})

const info = { title: 'Kubernetes', version: 'v1.34.2' }

const pathsOf = (served: readonly ApiResource[]) =>
  Object.fromEntries(
    served
      .filter((resource) => !resource.review)
      .map((resource) => [resourcePath(resource), { patch: patchOperation(resource) }]),
  )

/**
 * Returns the OpenAPI v2 document with the parameters of each write. It has no schemas, so clients leave validation to
 * the server.
 */
export function openapiV2(cluster: KubeCluster, accept: string): Reply {
  if (!/protobuf/.test(accept))
    return {
      status: 200,
      body: { swagger: '2.0', info, paths: pathsOf(servedResources(cluster)), definitions: {} },
    }
  return {
    status: 200,
    // Clients request `v2@v1.0`, which is not a valid media type. Go parses this form of it.
    headers: { 'content-type': 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf' },
    body: Buffer.alloc(0),
  }
}

const groupRoots = (cluster: KubeCluster) => [...new Set(servedResources(cluster).map(groupRoot))]

/** Returns the index of the OpenAPI v3 documents. */
export function openapiV3(cluster: KubeCluster): Reply {
  const paths = groupRoots(cluster).map((root) => [root, { serverRelativeURL: `/openapi/v3/${root}` }])
  return { status: 200, body: { paths: Object.fromEntries(paths) } }
}

/** Returns the OpenAPI v3 document of a group such as `apis/apps/v1`. Throws 404. */
export function openapiV3Group(cluster: KubeCluster, root: string): Reply {
  if (!groupRoots(cluster).includes(root)) throw pathNotFound()
  const paths = pathsOf(servedResources(cluster).filter((resource) => groupRoot(resource) === root))
  return { status: 200, body: { openapi: '3.0.0', info, paths, components: { schemas: {} } } }
}
