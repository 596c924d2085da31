import { readFileSync } from 'node:fs'
import { request as open, type RequestOptions } from 'node:https'
import type { LookupFunction } from 'node:net'
import { parse } from 'yaml'
import type { InProcessEnvironment } from '../support/in-process.ts'
import { operatorToken, request } from '../support/request.ts'

/** A body, or part of one. */
// biome-ignore lint/suspicious/noExplicitAny: what services answer has many shapes
export type JsonObject = Record<string, any>

type SendRequest = (method: string, path: string, json?: unknown) => Promise<JsonObject>

/** The public APIs of the world, as its owner, by plain requests. Each throws for an answer that is a refusal. */
export interface Apis {
  /** Below the subscription. */
  arm: SendRequest
  graph: SendRequest
  /** Of one vault's data plane. */
  vault: (name: string) => SendRequest
  kube: KubeRequest
}

/** `patch` is a merge patch. */
export type KubeRequest = (method: string, path: string, json?: unknown) => Promise<JsonObject>

const must = (what: string, { status, body }: { status: number; body: unknown }): JsonObject => {
  if (status >= 300) throw new Error(`${what}: ${status} ${JSON.stringify(body)}`)
  return (body ?? {}) as JsonObject
}

export function sandboxApis({ sandbox, kubeconfig }: InProcessEnvironment): Apis {
  const { addresses } = sandbox.simulator
  const of = {
    ...addresses,
    subscription: sandbox.state.subscription.id,
    token: (resource: string) => operatorToken(sandbox as never, resource),
    ask: (url: string, options: Plain) => request(sandbox as never, url, options),
  }
  return createApis(of, kubeClient(kubeconfig))
}

interface Plain {
  method: string
  token: string
  json?: unknown
}

/** Where the services are, and how plain requests get there. */
export interface Services {
  arm: string
  graph: string
  /** `https://vault.DOMAIN:PORT`: vaults are below that host. */
  vaultResource: string
  subscription: string
  token(resource: string): Promise<string>
  ask(url: string, options: Plain): Promise<{ status: number; body: unknown }>
}

export function createApis(services: Services, kube: KubeRequest): Apis {
  const to =
    (resource: string, base: string, query = ''): SendRequest =>
    async (method, path, json) => {
      const token = await services.token(resource)
      const url = `${base}${path}${query && !path.includes('?') ? query : ''}`
      const answer = await services.ask(url, {
        method,
        token,
        ...(json === undefined ? {} : { json }),
      })
      return must(`${method} ${path}`, answer)
    }
  return {
    arm: to(
      services.arm,
      `${services.arm}/subscriptions/${services.subscription}`,
      '?api-version=2026-04-01',
    ),
    graph: to(services.graph, `${services.graph}/v1.0`),
    vault: (name) =>
      to(
        services.vaultResource,
        `https://${name}.${new URL(services.vaultResource).host}`,
        '?api-version=7.5',
      ),
    kube,
  }
}

const loopback: LookupFunction = (_, options, done) =>
  options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4)

/** The API of any cluster, by a kubeconfig's current context with a token or a client certificate: also a real one. */
export function kubeClient(path: string): KubeRequest {
  return (method, at, json) => {
    const config = parse(readFileSync(path, 'utf8'))
    const named = (list: JsonObject[], name: string) => list.find((each) => each.name === name)!
    const { cluster: of, user: as } = named(config.contexts, config['current-context']).context
    const { cluster } = named(config.clusters, of)
    const { user } = named(config.users, as)
    // Written in it, or in a file of its own.
    const data = (of: JsonObject, name: string) => {
      const { [`${name}-data`]: text, [name]: file } = of
      return text ? Buffer.from(text, 'base64') : file ? readFileSync(file) : undefined
    }
    const body = json === undefined ? undefined : JSON.stringify(json)
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
    const options: RequestOptions = {
      method,
      ca: data(cluster, 'certificate-authority'),
      cert: data(user, 'client-certificate'),
      key: data(user, 'client-key'),
      headers: {
        ...(user.token ? { authorization: `Bearer ${user.token}` } : {}),
        ...(body === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(body) }),
      },
    }
    const url = `${cluster.server}${at}`
    if (new URL(url).hostname.endsWith('localhost')) options.lookup = loopback
    return new Promise((resolve, reject) => {
      const sent = open(url, options, (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (part: string) => {
          text += part
        })
        response.on('end', () => {
          try {
            resolve(
              must(`${method} ${at}`, {
                status: response.statusCode ?? 0,
                body: text ? JSON.parse(text) : {},
              }),
            )
          } catch (error) {
            reject(error)
          }
        })
      })
      sent.on('error', reject)
      sent.end(body)
    })
  }
}
