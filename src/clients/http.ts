import { Agent } from 'node:https'
import type { LookupFunction } from 'node:net'
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls'
import type { HttpClient, PipelineRequest } from '@azure/core-rest-pipeline'
import { requestIdOf } from './errors.ts'

/** One request that went out; holds no header and no body, and no token or signature in its address. */
export interface TraceEvent {
  method: string
  url: string
  /** Undefined if no answer came. */
  status: number | undefined
  ms: number
  requestId: string | undefined
  /** Why no answer came: `ENOTFOUND`. */
  failure: string | undefined
}

/** The one way out: every SDK and every request of our own goes through it. */
export interface Http extends HttpClient {
  /** Requests so far; token requests, reviews and dry runs are reads. */
  readonly counts: { reads: number; writes: number }
  /** How far the services' clock is ahead of this machine's, in ms, by an answer that no cache gave; undefined before the first. */
  readonly skew: number | undefined
  /** Set, it hears of every request when that has ended. */
  trace: ((event: TraceEvent) => void) | undefined
}

/** RFC 6761: names under `.localhost` are loopback, whether the system's resolver knows it or not. */
const loopback: LookupFunction = (_, options, callback) =>
  options.all ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : callback(null, '127.0.0.1', 4)

export const isLoopback = (hostname: string): boolean =>
  /(^|\.)localhost$/i.test(hostname) || hostname === '127.0.0.1' || hostname === '[::1]'

const secretKeys = /^(sig|t|c|s|h|se|code|token|access_token|client_secret|\$skiptoken)$/i

export function redacted(address: string): string {
  const url = new URL(address)
  for (const key of new Set(url.searchParams.keys()))
    if (secretKeys.test(key)) url.searchParams.set(key, 'REDACTED')
  return decodeURI(url.href)
}

const readsByPost =
  /\/(oauth2\/v2\.0\/(token|devicecode)|listcluster(user|admin)credential|checknameavailability|selfsubject\w*reviews|serviceaccounts\/[^/]+\/token)$/i

const isRead = (request: PipelineRequest) => {
  const url = new URL(request.url)
  return (
    ['GET', 'HEAD'].includes(request.method) ||
    url.searchParams.has('dryRun') ||
    readsByPost.test(url.pathname.replace(/\/+$/, ''))
  )
}

const contexts = new Map<string, SecureContext>()

/** The program's own authorities and one more. Reading over a hundred certificates takes longer than a request, so it is done once. */
function trusting(ca: string): SecureContext {
  const made = contexts.get(ca) ?? createSecureContext({ ca: [...getCACertificates('default'), ca] })
  contexts.set(ca, made)
  return made
}

/** `ca`: PEM of one more authority to trust for loopback names, beside the program's own. */
export function makeHttp({ ca, trace }: { ca?: string; trace?: Http['trace'] } = {}): Http {
  let client: HttpClient | undefined
  let agent: Agent | undefined
  const loopbackAgent = () => {
    agent ??= new Agent({
      keepAlive: true,
      lookup: loopback,
      ...(ca ? { secureContext: trusting(ca) } : {}),
    })
    return agent
  }
  let skew: number | undefined
  const http: Http = {
    counts: { reads: 0, writes: 0 },
    get skew() {
      return skew
    },
    trace,
    async sendRequest(request) {
      client ??= (await import('@azure/core-rest-pipeline')).createDefaultHttpClient()
      const { hostname, protocol } = new URL(request.url)
      // A request that brings an agent with a trust of its own (a cluster's) keeps it; a proxy never serves loopback.
      if (protocol === 'https:' && isLoopback(hostname) && !ownAgents.has(request))
        request.agent = loopbackAgent()
      http.counts[isRead(request) ? 'reads' : 'writes']++
      const began = performance.now()
      const tell = (status?: number, requestId?: string, failure?: string) =>
        http.trace?.({
          method: request.method,
          url: redacted(request.url),
          status,
          ms: Math.round(performance.now() - began),
          requestId,
          failure,
        })
      try {
        const response = await client.sendRequest(request)
        const date = request.method === 'POST' ? Date.parse(response.headers.get('date') ?? '') : Number.NaN
        if (!Number.isNaN(date)) skew = date - Date.now() + (performance.now() - began) / 2
        tell(
          response.status,
          requestIdOf((name) => response.headers.get(name)),
        )
        return response
      } catch (error) {
        const { code, name } = error as { code?: string; name: string }
        tell(undefined, undefined, code ?? name)
        throw error
      }
    },
  }
  return http
}

const ownAgents = new WeakSet<PipelineRequest>()

/** Marks a request whose agent must be left alone. */
export const keepAgent = (request: PipelineRequest): void => void ownAgents.add(request)

/** An agent's `lookup` for a host: the loopback one for names under `.localhost`. */
export const lookupFor = (hostname: string): { lookup?: LookupFunction } =>
  isLoopback(hostname) ? { lookup: loopback } : {}
