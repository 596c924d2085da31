import { limitText } from '../base/limit-text.ts'
import { readLimits } from '../base/read-limits.ts'
import type { DataServiceName } from './data-services.ts'

export type ServiceName = 'graph' | 'entra' | 'kubernetes' | 'helm' | 'network' | DataServiceName

/** The request that an error is about. */
export interface FailedRequest {
  /** The service that was called, also if it could not be reached. */
  service: ServiceName
  /** What the request does, such as `read secret db-password of vault kv-shop`. */
  operation: string
  /** Its address, without the query. */
  resource: string
  /** How often it was sent. */
  attempts: number
  /** Undefined if there was no response. */
  status: number | undefined
  retryAfterMs: number | undefined
}

/** An error that a service returned. `code` is the service's own, such as `AuthorizationFailed`, `AADSTS700213` or `Forbidden`. */
export class ServiceError extends Error {
  readonly service: ServiceName
  readonly code: string
  readonly status: number | undefined
  /** A more specific code, such as `ForbiddenByRbac`. */
  readonly innerCode: string | undefined
  readonly requestId: string | undefined
  readonly retryAfterMs: number | undefined
  /** Undefined if the error is not about a single request. */
  request: FailedRequest | undefined
  /** Conflicts of a server-side apply: the fields and their managers. */
  readonly conflicts: { field: string; manager: string }[]

  constructor(options: {
    service: ServiceName
    code: string
    message: string
    status?: number | undefined
    innerCode?: string | undefined
    requestId?: string | undefined
    retryAfterMs?: number | undefined
    conflicts?: { field: string; manager: string }[]
    cause?: unknown
  }) {
    // A longer message would fill screens and slow down what searches it.
    super(limitText(options.message, readLimits.message), { cause: options.cause })
    this.name = 'ServiceError'
    this.service = options.service
    this.code = options.code
    this.status = options.status
    this.innerCode = options.innerCode
    this.requestId = options.requestId
    this.retryAfterMs = options.retryAfterMs
    this.conflicts = options.conflicts ?? []
  }
}

/** Returns whether the error is a `ServiceError` with one of the codes as its code or inner code. */
export const hasCode = (error: unknown, ...codes: string[]): error is ServiceError =>
  error instanceof ServiceError &&
  (codes.includes(error.code) || (error.innerCode !== undefined && codes.includes(error.innerCode)))
