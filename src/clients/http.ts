import { Agent } from 'node:https'
import type { LookupFunction } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls'
import type { HttpClient, PipelineRequest, PipelineResponse, RestError } from '@azure/core-rest-pipeline'
import { redactUrl } from '../base/redact.ts'
import { requestIdOf } from './errors.ts'
import {
  isInterceptedResponse,
  isTransientNetworkError,
  maxAttempts,
  retryAdvice,
  retryLimits,
} from './request-retries.ts'

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
  /** Set by whoever gives tokens out: a new one for one that was refused; undefined for one that is not theirs. */
  renew: ((token: string) => Promise<string | undefined>) | undefined
}

/** RFC 6761: names under `.localhost` are loopback, whether the system's resolver knows it or not. */
const loopback: LookupFunction = (_, options, callback) =>
  options.all ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : callback(null, '127.0.0.1', 4)

export const isLoopback = (hostname: string): boolean =>
  /(^|\.)localhost$/i.test(hostname) || hostname === '127.0.0.1' || hostname === '[::1]'

const readsByPost =
  /\/(oauth2\/v2\.0\/(token|devicecode)|listcluster(user|admin)credential|checknameavailability|(local|self)?subject\w*reviews|serviceaccounts\/[^/]+\/token)$/i

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

/**
 * `ca`: PEM of one more authority to trust for loopback names, beside the program's own. `pace`: factor on the waits
 * between attempts; 1 for Azure.
 */
export function makeHttp({
  ca,
  trace,
  pace = 1,
}: {
  ca?: string
  trace?: Http['trace']
  pace?: number
} = {}): Http {
  let library: typeof import('@azure/core-rest-pipeline') | undefined
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

  /** Sends it once; tells of it. What comes from something in between, or in half, is no answer. */
  async function once(request: PipelineRequest): Promise<PipelineResponse> {
    http.counts[isRead(request) ? 'reads' : 'writes']++
    const began = performance.now()
    const tell = (status?: number, requestId?: string, failure?: string) =>
      http.trace?.({
        method: request.method,
        url: redactUrl(request.url),
        status,
        ms: Math.round(performance.now() - began),
        requestId,
        failure,
      })
    // The library's own time limit would keep the program alive.
    const late = AbortSignal.timeout(retryLimits.answer)
    const given = request.abortSignal as AbortSignal | undefined
    request.abortSignal = given ? AbortSignal.any([given, late]) : late
    try {
      const response = await client!.sendRequest(request)
      if (isInterceptedResponse(request, response))
        throw new library!.RestError('the answer is a web page', { code: 'EUNREADABLE', request })
      const date = request.method === 'POST' ? Date.parse(response.headers.get('date') ?? '') : Number.NaN
      if (!Number.isNaN(date)) skew = date - Date.now() + (performance.now() - began) / 2
      tell(
        response.status,
        requestIdOf((name) => response.headers.get(name)),
      )
      return response
    } catch (thrown) {
      const error = given?.aborted ? (thrown as Failed) : legible(thrown, request, library!.RestError)
      tell(undefined, undefined, error.code ?? error.name)
      throw error
    } finally {
      if (given) request.abortSignal = given
      else delete request.abortSignal
    }
  }

  /** Sends it, and again while that may help. */
  async function persistently(request: PipelineRequest): Promise<PipelineResponse> {
    for (let attempt = 1; ; attempt++) {
      const last = attempt >= maxAttempts(request)
      const chance = retryLimits.first * 2 ** (attempt - 1) * (0.75 + Math.random() / 2) * pace
      let wait = chance
      try {
        const response = await once(request)
        const again = last ? undefined : retryAdvice(request, response)
        if (!again) return response
        wait = again.wait ?? chance
      } catch (error) {
        if (last || request.abortSignal?.aborted || !isTransientNetworkError((error as Failed).code))
          throw error
      }
      await delay(wait, undefined, { signal: request.abortSignal as AbortSignal })
    }
  }

  const http: Http = {
    counts: { reads: 0, writes: 0 },
    get skew() {
      return skew
    },
    trace,
    renew: undefined,
    async sendRequest(request) {
      library ??= await import('@azure/core-rest-pipeline')
      client ??= library.createDefaultHttpClient()
      const { hostname, protocol } = new URL(request.url)
      // A request that brings an agent with a trust of its own (a cluster's) keeps it; a proxy never serves loopback.
      if (protocol === 'https:' && isLoopback(hostname) && !ownAgents.has(request))
        request.agent = loopbackAgent()
      const token = bearerOf(request)
      const known = token && successors.get(token)
      if (known) request.headers.set('authorization', `Bearer ${known}`)
      const response = await persistently(request)
      // The SDKs hold on to a token for as long as it says that it lives. A claims challenge is theirs to answer.
      if (response.status !== 401 || !token || !http.renew || asksClaims(response)) return response
      const fresh = await http.renew(known ?? token)
      if (!fresh) return response
      successors.set(token, fresh)
      request.headers.set('authorization', `Bearer ${fresh}`)
      return persistently(request)
    },
  }
  /** Tokens that were refused before their time, and those in their place. */
  const successors = new Map<string, string>()
  return http
}

const bearerOf = (request: PipelineRequest) =>
  /^Bearer (\S+)$/.exec(request.headers.get('authorization') ?? '')?.[1]

const asksClaims = (response: PipelineResponse) =>
  /\bclaims=/.test(response.headers.get('www-authenticate') ?? '')

type Failed = Error & { code?: string }

/** The library's own words for an answer that was cut off or never came are no codes of the network. */
function legible(thrown: unknown, request: PipelineRequest, Failure: typeof RestError): Failed {
  const error = thrown as Failed
  if (error.name === 'AbortError')
    return new Failure(`no answer within ${retryLimits.answer / 1000} seconds`, {
      code: 'ETIMEDOUT',
      request,
    })
  return error.code === 'PARSE_ERROR'
    ? new Failure('the answer was cut off', { code: 'EUNREADABLE', request })
    : error
}

const ownAgents = new WeakSet<PipelineRequest>()

/** Marks a request whose agent must be left alone. */
export const useOwnAgent = (request: PipelineRequest): void => void ownAgents.add(request)

/** An agent's `lookup` for a host: the loopback one for names under `.localhost`. */
export const loopbackLookup = (hostname: string): { lookup?: LookupFunction } =>
  isLoopback(hostname) ? { lookup: loopback } : {}
