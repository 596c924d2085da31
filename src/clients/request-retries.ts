import type { PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline'
import { retryAfterOf } from './response-error.ts'

/**
 * Limits of the immediate, silent retries. They replace the SDKs' own retries, which ignore a 429 without Retry-After,
 * obey a Retry-After of any length, retry names that do not resolve, and in Graph start at 3 s. Failures that last
 * longer are retried by the engine, which shows what it waits for.
 */
export const retryLimits = {
  /** Maximum number of attempts. */
  attempts: 4,
  /** Delay in ms before the second attempt; it doubles for each further attempt. */
  firstDelay: 150,
  /** Longest Retry-After in ms to obey here; the engine handles longer ones. */
  maxRetryAfter: 5_000,
  /** Longest Retry-After in ms when polling a long-running operation, whose progress the screen already shows. */
  maxPollRetryAfter: 120_000,
  /** Timeout of a single attempt in ms. */
  timeout: 100_000,
} as const

/** Excludes `ENOTFOUND` and `ETIMEDOUT`: they already took long, and are often permanent. */
const transientCodes = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'EAI_AGAIN', 'EUNREADABLE'])
const transientStatuses = new Set([408, 429, 500, 502, 503, 504])

/** Whether the service failed, or throttles requests. */
export const isTransientStatus = (status: number): boolean => transientStatuses.has(status)

export const isTransientNetworkError = (code: string | undefined): boolean =>
  code !== undefined && transientCodes.has(code)

const isPoll = ({ method, url }: PipelineRequest) =>
  method === 'GET' && /\/operation(s|results|statuses)\/[^/]+$/i.test(new URL(url).pathname)

const withoutRetries = new WeakSet<PipelineRequest>()

/** Makes the HTTP client send the request only once. */
export const disableRetries = (request: PipelineRequest): void => void withoutRetries.add(request)

export const maxAttempts = (request: PipelineRequest): number =>
  withoutRetries.has(request) ? 1 : retryLimits.attempts

/** Returns whether to retry after this response, with the service's requested delay in ms. */
export function retryAdvice(
  request: PipelineRequest,
  response: PipelineResponse,
): { delay?: number } | undefined {
  if (!isTransientStatus(response.status)) return undefined
  const delay = retryAfterOf((name) => response.headers.get(name))
  if (delay === undefined) return {}
  const longest = isPoll(request) ? retryLimits.maxPollRetryAfter : retryLimits.maxRetryAfter
  return delay <= longest ? { delay } : undefined
}

/** Returns whether a proxy or a sign-in page sent this HTML response instead of the service. */
export const isInterceptedResponse = (request: PipelineRequest, response: PipelineResponse): boolean =>
  response.status >= 200 &&
  response.status < 300 &&
  ['application/json', undefined].includes(request.headers.get('accept')) &&
  /^text\/html\b/i.test(response.headers.get('content-type') ?? '')
