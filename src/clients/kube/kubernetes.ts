import type { HttpMethods } from '@azure/core-rest-pipeline'
import { guard, undefinedIfNotFound } from '../errors.ts'
import type { Http } from '../http.ts'
import { type HttpResponse, sendHttpRequest } from '../http-request.ts'
import {
  fieldManager,
  type Kind,
  type KubeObject,
  type Kubernetes,
  type KubernetesRight,
} from '../kubernetes.ts'
import { lazy } from '../lazy.ts'
import { hasCode, ServiceError } from '../service-error.ts'
import { type ApiServerOptions, findApiServer } from './api-server.ts'
import { apiVersionOf, pathOf } from './kinds.ts'
import { namespaceContents } from './namespace-contents.ts'
import { statusError } from './status.ts'

const timeout = 30_000

/** The address of a path behind the proxy; `..`, however it is written, must not lead out of it. */
function proxied(namespace: string, service: string, path: string): string {
  const name = encodeURIComponent(service).replaceAll('%3A', ':')
  const base = `${pathOf('Service', namespace)}/${name}/proxy/`
  const address = `${base}${path.replace(/^[/\\]+/, '')}`
  if (new URL(address, 'https://server').pathname.startsWith(base)) return address
  throw new ServiceError({
    service: 'kubernetes',
    code: 'BadRequest',
    message: `The path ${path} leads out of the service ${service}`,
    status: 400,
  })
}

export function makeKubernetes(of: ApiServerOptions & { http: Http; signal: AbortSignal }): Kubernetes {
  const link = lazy(() => findApiServer(of))
  const guarded = guard('kubernetes', of.signal)
  /** Goes on after an interruption: what was made for a moment is removed. */
  const never = new AbortController().signal

  const send = (
    method: HttpMethods,
    path: string,
    body?: unknown,
    contentType = 'application/json',
    signal = of.signal,
    // A real API server hands its keys out under their own type only.
    accept = path.startsWith('/openid/') ? 'application/jwk-set+json' : 'application/json',
    once = false,
  ) =>
    guard(
      'kubernetes',
      signal,
    )(async (): Promise<HttpResponse> => {
      const { server, allowHttp, authorize } = await link()
      const { headers, agent } = await authorize()
      return sendHttpRequest(of.http, {
        method,
        url: `${server}${path}`,
        headers: {
          accept,
          ...headers,
          ...(body === undefined ? {} : { 'content-type': contentType }),
        },
        agent,
        allowHttp,
        signal,
        timeout,
        once,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
    })

  async function ask<T>(...request: Parameters<typeof send>): Promise<T> {
    const answer = await send(...request)
    if (answer.status < 200 || answer.status > 299) throw statusError(answer)
    return guarded(async () => JSON.parse(answer.text || '{}'))
  }

  const query = (of: Record<string, string | undefined>) => {
    const given = Object.entries(of).filter((each): each is [string, string] => each[1] !== undefined)
    return given.length ? `?${new URLSearchParams(given)}` : ''
  }

  return {
    server: () => guarded(async () => (await link()).server),
    kubeconfig: () => guarded(async () => (await link()).kubeconfig()),
    version: async () => (await ask<{ gitVersion: string }>('GET', '/version')).gitVersion,

    get: (kind, name, namespace) =>
      undefinedIfNotFound(ask<KubeObject>('GET', pathOf(kind, namespace, name))),

    async list(kind, namespace, labels) {
      const found: KubeObject[] = []
      let next: string | undefined
      do {
        const page: { items?: KubeObject[]; metadata?: { continue?: string } } = await ask(
          'GET',
          `${pathOf(kind, namespace)}${query({ labelSelector: labels, limit: '500', continue: next })}`,
        )
        // Items of a list come without these two.
        found.push(...(page.items ?? []).map((item) => ({ ...item, apiVersion: apiVersionOf(kind), kind })))
        next = page.metadata?.continue || undefined
      } while (next)
      return found
    },

    contents: (namespace) => namespaceContents(ask, namespace),

    async apply(object, { force = false } = {}) {
      const path = pathOf(object.kind as Kind, object.metadata.namespace, object.metadata.name)
      const options = query({ fieldManager, force: force ? 'true' : undefined })
      await ask('PATCH', `${path}${options}`, object, 'application/apply-patch+yaml')
    },

    dryRun: (object) =>
      ask(
        'POST',
        `${pathOf(object.kind as Kind, object.metadata.namespace)}${query({ dryRun: 'All', fieldManager })}`,
        object,
      ),

    async remove(kind, name, namespace) {
      await undefinedIfNotFound(
        ask(
          'DELETE',
          `${pathOf(kind, namespace, name)}${query({ propagationPolicy: 'Background' })}`,
          undefined,
          undefined,
          never,
        ),
      )
    },

    async token(namespace, serviceAccount, { audience, seconds }) {
      const path = `${pathOf('ServiceAccount', namespace, serviceAccount)}/token`
      const { status } = await ask<{ status: { token: string } }>('POST', path, {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: { audiences: [audience], expirationSeconds: seconds },
      })
      return status.token
    },

    async issuer() {
      try {
        return (await ask<{ issuer: string }>('GET', '/.well-known/openid-configuration')).issuer
      } catch (error) {
        if (hasCode(error, 'NotFound', 'Forbidden')) return undefined
        throw error
      }
    },

    async keyIds() {
      try {
        const { keys } = await ask<{ keys: { kid: string }[] }>('GET', '/openid/v1/jwks')
        return keys.map(({ kid }) => kid)
      } catch (error) {
        if (hasCode(error, 'NotFound', 'Forbidden')) return undefined
        throw error
      }
    },

    async log(namespace, pod) {
      const answer = await send('GET', `${pathOf('Pod', namespace, pod)}/log`)
      if (answer.status !== 200) throw statusError(answer)
      return answer.text
    },

    async proxyGet(namespace, service, path) {
      const url = proxied(namespace, service, path)
      // What it serves, a page or a refusal, is its own.
      const answer = await send('GET', url, undefined, undefined, undefined, '*/*', true)
      // Refused by the API server itself, not by what is behind it.
      const error = answer.status === 403 ? statusError(answer) : undefined
      if (error && /^services .* is forbidden: User /.test(error.message)) throw error
      return { status: answer.status, body: answer.text }
    },

    async can({ verb, resource, group = '', ...rest }) {
      const { status } = await ask<{ status: { allowed: boolean } }>(
        'POST',
        '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
        {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SelfSubjectAccessReview',
          spec: { resourceAttributes: { verb, group, resource, ...rest } },
        },
      )
      return status.allowed
    },

    async ownRights(namespace) {
      const { status } = await ask<{
        status: {
          incomplete?: boolean
          resourceRules?: KubernetesRight[]
          nonResourceRules?: KubernetesRight[]
        }
      }>('POST', '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectRulesReview',
        spec: { namespace },
      })
      if (status.incomplete) return undefined
      return [...(status.resourceRules ?? []), ...(status.nonResourceRules ?? [])]
    },

    async callerName() {
      const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }
      const answer = await undefinedIfNotFound(
        ask<{ status: { userInfo: { username: string } } }>(
          'POST',
          '/apis/authentication.k8s.io/v1/selfsubjectreviews',
          review,
        ),
      )
      return answer?.status.userInfo.username
    },

    async canUser(user, { verb, resource, group = '', ...rest }) {
      const { status } = await ask<{ status: { allowed: boolean } }>(
        'POST',
        '/apis/authorization.k8s.io/v1/subjectaccessreviews',
        {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SubjectAccessReview',
          spec: { user, resourceAttributes: { verb, group, resource, ...rest } },
        },
      )
      return status.allowed
    },
  }
}
