import type { Agent } from 'node:https'
import { setTimeout as delay } from 'node:timers/promises'
import type { HttpClient, PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline'
import { clockErrorText, isDateError } from './clock-error.ts'
import { makeFailureLog } from './failed-requests.ts'
import { isRead, type RequestError, sendOnce, type TraceEvent } from './http-attempt.ts'
import { isLoopback, makeLoopbackAgent } from './loopback.ts'
import { type Credentials, makeCredentials } from './recipients.ts'
import { isTransientNetworkError, maxAttempts, retryAdvice, retryLimits } from './request-retries.ts'

/** The HTTP client of all SDKs and of our own requests. */
export interface Http extends HttpClient {
  /** Which hosts may receive which credential. A request that violates it is not sent. */
  readonly credentials: Credentials
  /** Number of requests; token requests, access reviews and dry runs count as reads. */
  readonly counts: { reads: number; writes: number }
  /** How many ms the services' clock is ahead of this machine's, from uncached responses; undefined before the first. */
  readonly skew: number | undefined
  /** Returns the agent for connections to a host that this client can't make; undefined for Node's own. */
  agentFor(hostname: string): Agent | undefined
  /** Called for every completed request. */
  trace: ((event: TraceEvent) => void) | undefined
  /** Returns a new token for one that was rejected; undefined if another issued it. Set by the credential. */
  renew: ((token: string) => Promise<string | undefined>) | undefined
}

export interface HttpOptions {
  /** PEM of an additional authority to trust for loopback names. */
  ca?: string
  trace?: Http['trace']
  /** Called when the first request has been sent. */
  sent?: () => void
  /** Factor on the delays between attempts; 1 for Azure. */
  pace?: number
}

export function makeHttp({ ca, trace, sent, pace = 1 }: HttpOptions = {}): Http {
  let library: typeof import('@azure/core-rest-pipeline') | undefined
  let client: HttpClient | undefined
  let loopbackAgent: Agent | undefined
  let skew: number | undefined
  /** New tokens by the rejected token that they replace. */
  const renewedTokens = new Map<string, string>()

  async function attempt(request: PipelineRequest): Promise<PipelineResponse> {
    http.credentials.check(request)
    http.counts[isRead(request) ? 'reads' : 'writes']++
    const began = performance.now()
    const answered = sendOnce(request, { client: client!, library: library!, trace: http.trace })
    sent?.()
    sent = undefined
    const response = await answered.catch(async (error: RequestError) => {
      const text = isDateError(error.code) ? await clockErrorText(request, ca) : undefined
      throw text ? new library!.RestError(text, { code: error.code!, request }) : error
    })
    const date = request.method === 'POST' ? Date.parse(response.headers.get('date') ?? '') : Number.NaN
    if (!Number.isNaN(date)) skew = date - Date.now() + (performance.now() - began) / 2
    return response
  }

  const failures = makeFailureLog()
  const sendWithRetries = (request: PipelineRequest) =>
    failures.observe(request, (count) =>
      retry(
        request,
        (each) => {
          count()
          return attempt(each)
        },
        pace,
      ),
    )

  const http: Http = {
    credentials: makeCredentials(),
    counts: { reads: 0, writes: 0 },
    get skew() {
      return skew
    },
    agentFor(hostname) {
      if (!isLoopback(hostname)) return undefined
      loopbackAgent ??= makeLoopbackAgent(ca)
      return loopbackAgent
    },
    trace,
    renew: undefined,
    async sendRequest(request) {
      library ??= await import('@azure/core-rest-pipeline')
      client ??= library.createDefaultHttpClient()
      const { hostname, protocol } = new URL(request.url)
      // The SDKs set a proxy's agent, but a proxy can't reach this machine's loopback.
      if (protocol === 'https:' && isLoopback(hostname) && !ownAgents.has(request)) {
        request.agent = http.agentFor(hostname)!
      }
      const token = bearerOf(request)
      const renewed = token && renewedTokens.get(token)
      if (renewed) setBearer(request, renewed)
      const response = await sendWithRetries(request)
      // The SDKs cache a token until it expires, but they handle a claims challenge themselves.
      if (response.status !== 401 || !token || !http.renew || hasClaimsChallenge(response)) return response
      const newToken = await http.renew(renewed ?? token)
      if (!newToken) return response
      renewedTokens.set(token, newToken)
      http.credentials.rebind(`Bearer ${token}`, `Bearer ${newToken}`)
      setBearer(request, newToken)
      return sendWithRetries(request)
    },
  }
  return http
}

async function retry(
  request: PipelineRequest,
  attempt: (request: PipelineRequest) => Promise<PipelineResponse>,
  pace: number,
): Promise<PipelineResponse> {
  for (let number = 1; ; number++) {
    const isLast = number >= maxAttempts(request)
    const backoff = retryLimits.firstDelay * 2 ** (number - 1) * (0.75 + Math.random() / 2) * pace
    let wait = backoff
    try {
      const response = await attempt(request)
      const advice = isLast ? undefined : retryAdvice(request, response)
      if (!advice) return response
      wait = advice.delay ?? backoff
    } catch (error) {
      if (isLast || request.abortSignal?.aborted || !isTransientNetworkError((error as RequestError).code))
        throw error
    }
    await delay(wait, undefined, { signal: request.abortSignal as AbortSignal })
  }
}

const bearerOf = (request: PipelineRequest) =>
  /^Bearer (\S+)$/.exec(request.headers.get('authorization') ?? '')?.[1]

const setBearer = (request: PipelineRequest, token: string) =>
  request.headers.set('authorization', `Bearer ${token}`)

const hasClaimsChallenge = (response: PipelineResponse) =>
  /\bclaims=/.test(response.headers.get('www-authenticate') ?? '')

const ownAgents = new WeakSet<PipelineRequest>()

/** Makes the HTTP client keep the request's agent, which has its own trust. */
export const useOwnAgent = (request: PipelineRequest): void => void ownAgents.add(request)
