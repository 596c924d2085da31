import type { Reply } from '../http.ts'

interface Details {
  target?: string
  details?: { code: string; message: string; target?: string }[]
  /** Second code, only of AKS. */
  subcode?: string
  headers?: Record<string, string>
  /** Who rejected the request: Resource Manager (gateway) or the resource provider (default). */
  by?: 'gateway' | 'service'
}

/** A request that Resource Manager or a resource provider rejects. */
export class ArmError extends Error {
  readonly status: number
  readonly code: string
  readonly more: Details

  constructor(status: number, code: string, message: string, more: Details = {}) {
    super(message)
    this.status = status
    this.code = code
    this.more = more
  }

  reply(): Reply {
    const { target, details, headers, by = 'service' } = this.more
    return {
      status: this.status,
      headers: { ...(by === 'gateway' && { 'x-ms-failure-cause': by }), ...headers },
      body: {
        error: {
          code: this.code,
          message: this.message,
          ...(target && { target }),
          ...(details && { details }),
        },
      },
    }
  }
}

/** An error of AKS, whose bodies have no `error` member. */
export class AksError extends ArmError {
  override reply(): Reply {
    return {
      status: this.status,
      headers: { 'content-type': 'application/json' },
      body: {
        code: this.code,
        details: this.more.details ?? null,
        message: this.message,
        subcode: this.more.subcode ?? '',
        ...(this.more.target && { target: this.more.target }),
      },
    }
  }
}

export const notFound = (id: string) => {
  const [, group, type, name] =
    /\/resourceGroups\/([^/]+)\/providers\/([^/]+\/[^/]+)\/([^/]+)/i.exec(id) ?? []
  return new ArmError(
    404,
    'ResourceNotFound',
    `The Resource '${type}/${name}' under resource group '${group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
    { by: 'gateway' },
  )
}

export const groupNotFound = (group: string) =>
  new ArmError(404, 'ResourceGroupNotFound', `Resource group '${group}' could not be found.`, {
    by: 'gateway',
  })

/** Ends the message of an error that Azure might not return. */
export const sandboxOnly = ' (Azure may have it: the sandbox simulates only what wi-setup needs.)'

export const invalidContent = (message: string) =>
  new ArmError(400, 'InvalidRequestContent', message, { by: 'gateway' })
