export type ServiceName = 'arm' | 'graph' | 'entra' | 'vault' | 'kubernetes' | 'helm' | 'network'

/** A refusal by a service, whichever SDK brought it. `code` is the service's own: `AuthorizationFailed`, `AADSTS700213`, `Forbidden`. */
export class ServiceError extends Error {
  readonly service: ServiceName
  readonly code: string
  readonly status: number | undefined
  /** Finer code, where the service has one: `ForbiddenByRbac`. */
  readonly innerCode: string | undefined
  readonly requestId: string | undefined
  readonly retryAfterMs: number | undefined
  /** Kubernetes apply conflicts: which field is owned by whom. */
  readonly conflicts: { field: string; manager: string }[]

  constructor(of: {
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
    super(of.message, { cause: of.cause })
    this.name = 'ServiceError'
    this.service = of.service
    this.code = of.code
    this.status = of.status
    this.innerCode = of.innerCode
    this.requestId = of.requestId
    this.retryAfterMs = of.retryAfterMs
    this.conflicts = of.conflicts ?? []
  }
}

/** True for an error that a service threw with one of these codes (its own or the inner one). */
export const hasCode = (error: unknown, ...codes: string[]): error is ServiceError =>
  error instanceof ServiceError &&
  (codes.includes(error.code) || (error.innerCode !== undefined && codes.includes(error.innerCode)))
