import type { Reply } from '../../http.ts'
import { type ApiResource, groupVersion, resources } from '../objects/resources.ts'
import type { JsonObject } from '../state.ts'

const root = (resource: { group: string; version: string }) =>
  `${resource.group ? 'apis' : 'api'}/${groupVersion(resource)}`

const parameters = ['dryRun', 'fieldManager', 'fieldValidation', 'force', 'pretty'].map((name) => ({
  name,
  in: 'query',
  schema: { type: name === 'force' ? 'boolean' : 'string', uniqueItems: true },
}))

const path = (resource: ApiResource) =>
  `/${root(resource)}${resource.namespaced ? '/namespaces/{namespace}' : ''}/${resource.name}/{name}`

const operation = (resource: ApiResource): JsonObject => ({
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
 * As much of the OpenAPI documents as clients need to learn which parameters a write takes. They hold no schemas:
 * a client that finds none for a kind leaves the checking to the server.
 */
export function openapiReply(segments: string[], accept: string): Reply | undefined {
  const [, version, ...rest] = segments
  if (version === 'v2' && !rest.length) {
    if (/protobuf/.test(accept))
      return {
        status: 200,
        // Clients ask for `v2@v1.0`, which is no media type; the answer is spelt so that they can read it.
        headers: { 'content-type': 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf' },
        body: Buffer.alloc(0),
      }
    const paths = Object.fromEntries(
      resources
        .filter((resource) => !resource.review)
        .map((resource) => [path(resource), { patch: operation(resource) }]),
    )
    return { status: 200, body: { swagger: '2.0', info, paths, definitions: {} } }
  }
  if (version !== 'v3') return undefined
  const roots = [...new Set(resources.map(root))]
  if (!rest.length) {
    const paths = roots.map((each) => [each, { serverRelativeURL: `/openapi/v3/${each}` }])
    return { status: 200, body: { paths: Object.fromEntries(paths) } }
  }
  const wanted = rest.join('/')
  if (!roots.includes(wanted)) return undefined
  const paths = resources
    .filter((resource) => root(resource) === wanted && !resource.review)
    .map((resource) => [path(resource), { patch: operation(resource) }])
  return {
    status: 200,
    body: { openapi: '3.0.0', info, paths: Object.fromEntries(paths), components: { schemas: {} } },
  }
}
