import { maxBody } from '../http.ts'
import type { ApiResource } from './objects/resources.ts'

/** An entry of `details.causes` in a 422. */
export interface StatusCause {
  reason:
    | 'FieldValueNotSupported'
    | 'FieldValueInvalid'
    | 'FieldValueRequired'
    | 'FieldManagerConflict'
    | 'FieldValueForbidden'
  message: string
  field: string
}

interface Details {
  name?: string
  group?: string
  kind?: string
  uid?: string
  causes?: StatusCause[]
  retryAfterSeconds?: number
}

/** An error of the API server, returned as a `Status`. */
export class KubeError extends Error {
  readonly code: number
  readonly reason: string
  readonly details: Details | undefined

  constructor(code: number, reason: string, message: string, details?: Details) {
    super(message)
    this.code = code
    this.reason = reason
    this.details = details
  }

  get status() {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      ...(this.reason ? { reason: this.reason } : {}),
      ...(this.details ? { details: this.details } : {}),
      code: this.code,
    }
  }
}

type ResourceName = Pick<ApiResource, 'group' | 'name'>

/** `deployments.apps`, or `pods` in the core group. */
export const qualifiedName = (resource: ResourceName) =>
  resource.group ? `${resource.name}.${resource.group}` : resource.name

const detailsOf = (resource: ResourceName, name: string): Details => ({
  ...(name ? { name } : {}),
  ...(resource.group ? { group: resource.group } : {}),
  kind: resource.name,
})

export const notFound = (resource: ResourceName, name: string) =>
  new KubeError(404, 'NotFound', `${qualifiedName(resource)} "${name}" not found`, detailsOf(resource, name))

export const pathNotFound = () =>
  new KubeError(404, 'NotFound', 'the server could not find the requested resource', {})

/** For what kube-apiserver supports and the simulator does not, with the reason or an alternative. */
export const notSimulated = (what: string, reason: string) =>
  new KubeError(501, 'NotImplemented', `the sandbox does not simulate ${what}: ${reason}`, {})

export const entityTooLarge = () =>
  new KubeError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${maxBody}`)

export const alreadyExists = (resource: ResourceName, name: string) =>
  new KubeError(
    409,
    'AlreadyExists',
    `${qualifiedName(resource)} "${name}" already exists`,
    detailsOf(resource, name),
  )

export const conflict = (
  resource: ResourceName,
  name: string,
  why = 'the object has been modified; please apply your changes to the latest version and try again',
) =>
  new KubeError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualifiedName(resource)} "${name}": ${why}`,
    detailsOf(resource, name),
  )

export const forbidden = (resource: ResourceName, name: string, why: string) =>
  new KubeError(
    403,
    'Forbidden',
    `${qualifiedName(resource)}${name ? ` "${name}"` : ''} is forbidden: ${why}`,
    detailsOf(resource, name),
  )

export const badRequest = (message: string) => new KubeError(400, 'BadRequest', message)

export const methodNotAllowed = () =>
  new KubeError(
    405,
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
    {},
  )

export const unauthorized = () => new KubeError(401, 'Unauthorized', 'Unauthorized')

export const internalError = (why: string) =>
  new KubeError(500, 'InternalError', `Internal error occurred: ${why}`, {
    causes: [{ message: why } as StatusCause],
  })

export const serviceUnavailable = (why: string) => new KubeError(503, 'ServiceUnavailable', why)

/** Returns a 422. As in kube-apiserver, the message lists the causes; several are in brackets. */
export function invalidObject(
  resource: { group: string; kind: string },
  name: string,
  causes: StatusCause[],
): KubeError {
  const lines = causes.map((cause) => `${cause.field}: ${cause.message}`)
  const kind = resource.group ? `${resource.kind}.${resource.group}` : resource.kind
  return new KubeError(
    422,
    'Invalid',
    `${kind} "${name}" is invalid: ${lines.length === 1 ? lines[0] : `[${lines.join(', ')}]`}`,
    {
      ...(name ? { name } : {}),
      ...(resource.group ? { group: resource.group } : {}),
      kind: resource.kind,
      causes,
    },
  )
}

export const invalidField = (field: string, value: unknown, why: string): StatusCause => ({
  reason: 'FieldValueInvalid',
  message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
  field,
})

export const requiredField = (field: string, why = ''): StatusCause => ({
  reason: 'FieldValueRequired',
  message: `Required value${why ? `: ${why}` : ''}`,
  field,
})
