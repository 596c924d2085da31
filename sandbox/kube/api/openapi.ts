import type { Reply } from '../../http.ts'
import { type ApiResource, groupVersion, resources } from '../objects/resources.ts'
import type { JsonObject } from '../state.ts'

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

/**
 * Returns an OpenAPI document with the parameters of each write, or `undefined` if it does not exist. It has no schemas,
 * so clients leave validation to the server.
 */
export function openapiReply(segments: string[], accept: string): Reply | undefined {
  const [, version, ...rest] = segments
  if (version === 'v2' && !rest.length) {
    if (/protobuf/.test(accept))
      return {
        status: 200,
        // Clients request `v2@v1.0`, which is not a valid media type. Go parses this form of it.
        headers: { 'content-type': 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf' },
        body: Buffer.alloc(0),
      }
    const paths = Object.fromEntries(
      resources
        .filter((resource) => !resource.review)
        .map((resource) => [resourcePath(resource), { patch: patchOperation(resource) }]),
    )
    return { status: 200, body: { swagger: '2.0', info, paths, definitions: {} } }
  }
  if (version !== 'v3') return undefined
  const roots = [...new Set(resources.map(groupRoot))]
  if (!rest.length) {
    const paths = roots.map((each) => [each, { serverRelativeURL: `/openapi/v3/${each}` }])
    return { status: 200, body: { paths: Object.fromEntries(paths) } }
  }
  const wanted = rest.join('/')
  if (!roots.includes(wanted)) return undefined
  const paths = resources
    .filter((resource) => groupRoot(resource) === wanted && !resource.review)
    .map((resource) => [resourcePath(resource), { patch: patchOperation(resource) }])
  return {
    status: 200,
    body: { openapi: '3.0.0', info, paths: Object.fromEntries(paths), components: { schemas: {} } },
  }
}
