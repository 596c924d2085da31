import { AsyncLocalStorage } from 'node:async_hooks'
import type { PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline'
import { operationOf, resourceOf } from './request-name.ts'
import { isTransientStatus } from './request-retries.ts'
import { retryAfterOf } from './response-error.ts'
import type { FailedRequest, ServiceError, ServiceName } from './service-error.ts'

/** A request that failed, as the HTTP client saw it. */
export interface FailedAttempts {
  method: string
  url: string
  /** How often it was sent since it last succeeded. */
  attempts: number
  /** Undefined if there was no response. */
  status: number | undefined
  /** Why there was no response. */
  error: unknown
  retryAfterMs: number | undefined
}

/** Those of the running call of a client: not every SDK passes on the request with its error. */
const storage = new AsyncLocalStorage<FailedAttempts[]>()

/** Counts how often a request fails until it succeeds, in all of its calls. */
export function makeFailureLog() {
  const earlier = new Map<string, number>()
  return {
    /** Sends a request, and notes it for the running call if it fails. `send` calls `count` for each attempt. */
    async observe(
      { method, url }: PipelineRequest,
      send: (count: () => void) => Promise<PipelineResponse>,
    ): Promise<PipelineResponse> {
      const name = `${method} ${url}`
      let attempts = earlier.get(name) ?? 0
      const note = (failure: Partial<FailedAttempts>) => {
        const noted = { method, url, attempts, status: undefined, error: undefined, retryAfterMs: undefined }
        storage.getStore()?.push({ ...noted, ...failure })
      }
      try {
        const response = await send(() => attempts++)
        const { status, headers } = response
        if (isTransientStatus(status)) earlier.set(name, attempts)
        else earlier.delete(name)
        if (status >= 400) note({ status, retryAfterMs: retryAfterOf((header) => headers.get(header)) })
        return response
      } catch (error) {
        earlier.set(name, attempts)
        note({ error })
        throw error
      }
    },
  }
}

/** Calls a client, and notes its requests that fail. */
export const withFailures = <T>(call: () => Promise<T>): Promise<T> =>
  storage.getStore() ? call() : storage.run([], call)

/** Returns the last request of the running call that failed, also if it was handled. */
export const lastFailure = (): FailedAttempts | undefined => storage.getStore()?.at(-1)

/** Adds to an error the request that it is about, if it is one of the running call's. */
export function addRequest(error: ServiceError, calledService: ServiceName): void {
  if (error.request) return
  // Entra's libraries report a code without its status.
  const isSame =
    error.status === undefined && error.service === 'entra'
      ? ({ status }: FailedAttempts) => status !== undefined
      : ({ status }: FailedAttempts) => status === error.status
  const failure = storage.getStore()?.findLast(isSame)
  if (failure) error.request = toRequest(failure, error.service === 'network' ? calledService : error.service)
}

const toRequest = (
  { method, url, attempts, status, retryAfterMs }: FailedAttempts,
  service: ServiceName,
): FailedRequest => ({
  service,
  operation: operationOf(service, method, url),
  resource: resourceOf(url),
  attempts,
  status,
  retryAfterMs,
})
