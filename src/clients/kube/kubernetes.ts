import { undefinedIfNotFound } from '../errors.ts'
import { fieldManager, type Kind, type KubeObject, type Kubernetes } from '../kubernetes.ts'
import { ServiceError } from '../service-error.ts'
import { makeAccessReviews } from './access-reviews.ts'
import type { ApiServerOptions } from './api-server.ts'
import { customObjects } from './custom-objects.ts'
import { apiVersionOf, pathOf, query } from './kinds.ts'
import { listPages } from './list-pages.ts'
import { namespaceContents } from './namespace-contents.ts'
import { type KubeRequests, makeKubeRequests } from './requests.ts'
import { statusError } from './status.ts'
import { makeTokens, undefinedIfForbidden } from './tokens.ts'

/** Shorter than a check may take. The API server waits 30 s for a connection to a pod that a policy hides. */
const proxyTimeout = 20_000

export function makeKubernetes(options: ApiServerOptions): Kubernetes {
  const requests = makeKubeRequests(options)
  const { apiServer, send, call } = requests
  return {
    ...makeObjects(requests),
    ...makeAccessReviews(requests),
    ...makeTokens(requests),
    server: async () => (await apiServer()).server,
    security: async () => (await apiServer()).security(),
    kubeconfig: async () => (await apiServer()).kubeconfig(),
    anyNode: () =>
      undefinedIfForbidden(async () => {
        const path = `/api/v1/nodes${query({ limit: '1' })}`
        return (await call<{ items: KubeObject[] }>('GET', path)).items[0]
      }),
    servesGroup: async (name) =>
      (await undefinedIfForbidden(() => call('GET', `/apis/${encodeURIComponent(name)}`))) !== undefined,
    version: async () => (await call<{ gitVersion: string }>('GET', '/version')).gitVersion,

    async log(namespace, pod) {
      const response = await send('GET', `${pathOf('Pod', namespace, pod)}/log`)
      if (response.status !== 200) throw statusError(response)
      return response.text
    },

    async proxyGet(namespace, service, path) {
      // Any response is the service's own, so there are no retries.
      const options = { accept: '*/*', once: true, timeout: proxyTimeout }
      const response = await send('GET', proxyPath(namespace, service, path), options)
      const error = response.status === 403 ? statusError(response) : undefined
      // The API server itself forbids the request.
      if (error && /^services .* is forbidden: User /.test(error.message)) throw error
      return { status: response.status, body: response.text }
    },
  }
}

type Objects = Pick<Kubernetes, 'get' | 'list' | 'customObjects' | 'contents' | 'apply' | 'dryRun' | 'remove'>

function makeObjects({ call }: KubeRequests): Objects {
  return {
    get: (kind, name, namespace) =>
      undefinedIfNotFound(call<KubeObject>('GET', pathOf(kind, namespace, name))),

    async list(kind, namespace, labels) {
      const objects = await listPages(call, pathOf(kind, namespace), labels)
      // The items of a list lack these two fields.
      return objects.map((each) => ({ ...each, apiVersion: apiVersionOf(kind), kind }))
    },

    contents: (namespace) => namespaceContents(call, namespace),
    customObjects: (kinds, namespace) => customObjects(call, kinds, namespace),

    async apply(object, { force = false } = {}) {
      const path = pathOf(object.kind as Kind, object.metadata.namespace, object.metadata.name)
      const parameters = query({ fieldManager, force: force ? 'true' : undefined })
      const contentType = 'application/apply-patch+yaml'
      await call('PATCH', `${path}${parameters}`, { body: object, contentType })
    },

    dryRun: (object) => {
      const path = pathOf(object.kind as Kind, object.metadata.namespace)
      return call('POST', `${path}${query({ dryRun: 'All', fieldManager })}`, { body: object })
    },

    async remove(kind, name, namespace) {
      const path = `${pathOf(kind, namespace, name)}${query({ propagationPolicy: 'Background' })}`
      // Not aborted by an interruption, because temporary objects must be deleted.
      const { signal } = new AbortController()
      await undefinedIfNotFound(call('DELETE', path, { signal }))
    },
  }
}

/** Returns the URL path of a service's path behind the proxy. Rejects `..` in any encoding. */
function proxyPath(namespace: string, service: string, path: string): string {
  const name = encodeURIComponent(service).replaceAll('%3A', ':')
  const base = `${pathOf('Service', namespace)}/${name}/proxy/`
  const address = `${base}${path.replace(/^[/\\]+/, '')}`
  if (new URL(address, 'https://server').pathname.startsWith(base)) return address
  throw new ServiceError({
    service: 'kubernetes',
    code: 'BadRequest',
    message: `The path ${path} is outside the service ${service}`,
    status: 400,
  })
}
