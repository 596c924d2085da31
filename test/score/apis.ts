import { readFileSync } from 'node:fs'
import { request as open, type RequestOptions } from 'node:https'
import type { LookupFunction } from 'node:net'
import { parse } from 'yaml'
import type { InProcessEnvironment } from '../support/in-process.ts'
import { operatorToken, request } from '../support/request.ts'

/** A JSON body, or part of one. */
// biome-ignore lint/suspicious/noExplicitAny: response bodies have many shapes
export type JsonObject = Record<string, any>

type SendRequest = (method: string, path: string, json?: unknown) => Promise<JsonObject>

/** The services' public APIs, called as the subscription's owner. Each call throws for a status from 300. */
export interface Apis {
  /** Paths are relative to the subscription. */
  arm: SendRequest
  graph: SendRequest
  graphBeta: SendRequest
  /** Data plane of one vault. */
  vault: (name: string) => SendRequest
  kube: KubeRequest
}

/** PATCH sends a JSON merge patch. */
export type KubeRequest = (method: string, path: string, json?: unknown) => Promise<JsonObject>

const bodyOf = (requestLine: string, { status, body }: { status: number; body: unknown }): JsonObject => {
  if (status >= 300) throw new Error(`${requestLine}: ${status} ${JSON.stringify(body)}`)
  return (body ?? {}) as JsonObject
}

/** Returns the APIs of a sandbox; `subscription` is an ID (default: the default one's). */
export function sandboxApis({ sandbox, kubeconfig }: InProcessEnvironment, subscription?: string): Apis {
  const { addresses } = sandbox.simulator
  const services = {
    ...addresses,
    subscription: subscription ?? sandbox.state.subscription.id,
    token: (resource: string) => operatorToken(sandbox as never, resource),
    send: (url: string, options: PlainRequest) => request(sandbox as never, url, options),
  }
  return createApis(services, kubeClient(kubeconfig))
}

interface PlainRequest {
  method: string
  token: string
  json?: unknown
}

/** Addresses of the services and a way to send requests to them. */
export interface Services {
  arm: string
  graph: string
  /** `https://vault.DOMAIN:PORT`; each vault is a subdomain. */
  vaultResource: string
  subscription: string
  token(resource: string): Promise<string>
  send(url: string, options: PlainRequest): Promise<{ status: number; body: unknown }>
}

export function createApis(services: Services, kube: KubeRequest): Apis {
  const client =
    (resource: string, base: string, query = ''): SendRequest =>
    async (method, path, json) => {
      const token = await services.token(resource)
      const url = `${base}${path}${query && !path.includes('?') ? query : ''}`
      const response = await services.send(url, {
        method,
        token,
        ...(json === undefined ? {} : { json }),
      })
      return bodyOf(`${method} ${path}`, response)
    }
  return {
    arm: client(
      services.arm,
      `${services.arm}/subscriptions/${services.subscription}`,
      '?api-version=2026-04-01',
    ),
    graph: client(services.graph, `${services.graph}/v1.0`),
    graphBeta: client(services.graph, `${services.graph}/beta`),
    vault: (name) =>
      client(
        services.vaultResource,
        `https://${name}.${new URL(services.vaultResource).host}`,
        '?api-version=7.5',
      ),
    kube,
  }
}

const loopback: LookupFunction = (_, options, done) =>
  options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4)

/** Returns a client for the current context of a kubeconfig, with a token or a client certificate. Works with real clusters too. */
export function kubeClient(path: string): KubeRequest {
  return (method, at, json) => {
    const config = parse(readFileSync(path, 'utf8'))
    const byName = (list: JsonObject[], name: string) => list.find((each) => each.name === name)!
    const { cluster: of, user: as } = byName(config.contexts, config['current-context']).context
    const { cluster } = byName(config.clusters, of)
    const { user } = byName(config.users, as)
    // Inline data, or a file.
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
              bodyOf(`${method} ${at}`, {
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
