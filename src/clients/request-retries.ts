import type { PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline'
import { retryAfterOf } from './errors.ts'

/**
 * What is sent again at once, before anybody hears of it. This stands in for the SDKs' own repeating, which is switched
 * off: they leave a 429 without Retry-After alone, obey one of any length without a word, wait for names that do not
 * resolve, and Graph's begins at 3 s. What outlasts it goes to the engine's table, which says what is waited for.
 */
export const retryLimits = {
  /** Times that a request is sent. */
  attempts: 4,
  /** ms before the second; each further wait is twice as long. */
  first: 150,
  /** A Retry-After above this many ms is the engine's to wait for. */
  longest: 5_000,
  /** The same while the state of a long operation is asked for, of which the screen tells already. */
  longestPoll: 120_000,
  /** ms in which an answer must come. */
  answer: 100_000,
} as const

/** Network codes that may pass. Not `ENOTFOUND` and `ETIMEDOUT`: what has cost long is waited for in words, or not there at all. */
const passing = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'EAI_AGAIN', 'EUNREADABLE'])
const passingStatus = new Set([408, 429, 500, 502, 503, 504])

export const isTransientNetworkError = (code: string | undefined) => code !== undefined && passing.has(code)

const isPoll = ({ method, url }: PipelineRequest) =>
  method === 'GET' && /\/operation(s|results|statuses)\/[^/]+$/i.test(new URL(url).pathname)

const singles = new WeakSet<PipelineRequest>()

/** Marks a request that is sent but once. */
export const disableRetries = (request: PipelineRequest): void => void singles.add(request)

export const maxAttempts = (request: PipelineRequest) => (singles.has(request) ? 1 : retryLimits.attempts)

/** Whether an answer is one to ask again for; `wait` as the service wishes, in ms. */
export function retryAdvice(
  request: PipelineRequest,
  answer: PipelineResponse,
): { wait?: number } | undefined {
  if (!passingStatus.has(answer.status)) return undefined
  const wait = retryAfterOf((name) => answer.headers.get(name))
  if (wait === undefined) return {}
  return wait <= (isPoll(request) ? retryLimits.longestPoll : retryLimits.longest) ? { wait } : undefined
}

/** True for a page where an answer in JSON was asked for: it comes from a proxy or a sign-in page in between. */
export const isInterceptedResponse = (request: PipelineRequest, answer: PipelineResponse) =>
  answer.status >= 200 &&
  answer.status < 300 &&
  ['application/json', undefined].includes(request.headers.get('accept')) &&
  /^text\/html\b/i.test(answer.headers.get('content-type') ?? '')
