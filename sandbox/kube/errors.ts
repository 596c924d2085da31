import { maxBody } from '../http.ts'
import type { Resource } from './objects/resources.ts'

/** One reason of a 422, as `details.causes` has it. */
export interface Cause {
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
  causes?: Cause[]
  retryAfterSeconds?: number
}

/** A refusal; answered as a `Status`. */
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

type Named = Pick<Resource, 'group' | 'name'>

/** `deployments.apps`, or `pods` in the core group. */
export const qualified = (of: Named) => (of.group ? `${of.name}.${of.group}` : of.name)

const about = (of: Named, name: string): Details => ({
  ...(name ? { name } : {}),
  ...(of.group ? { group: of.group } : {}),
  kind: of.name,
})

export const notFound = (of: Named, name: string) =>
  new KubeError(404, 'NotFound', `${qualified(of)} "${name}" not found`, about(of, name))

export const noSuchPath = () =>
  new KubeError(404, 'NotFound', 'the server could not find the requested resource', {})

/** Something that a real API server does and this one does not: it says so, and what to do instead. */
export const notSimulated = (what: string, instead: string) =>
  new KubeError(501, 'NotImplemented', `the sandbox does not simulate ${what}: ${instead}`, {})

export const entityTooLarge = () =>
  new KubeError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${maxBody}`)

export const alreadyExists = (of: Named, name: string) =>
  new KubeError(409, 'AlreadyExists', `${qualified(of)} "${name}" already exists`, about(of, name))

export const conflict = (
  of: Named,
  name: string,
  why = 'the object has been modified; please apply your changes to the latest version and try again',
) =>
  new KubeError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(of)} "${name}": ${why}`,
    about(of, name),
  )

export const forbidden = (of: Named, name: string, why: string) =>
  new KubeError(
    403,
    'Forbidden',
    `${qualified(of)}${name ? ` "${name}"` : ''} is forbidden: ${why}`,
    about(of, name),
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

export const internal = (why: string) =>
  new KubeError(500, 'InternalError', `Internal error occurred: ${why}`, {
    causes: [{ message: why } as Cause],
  })

export const unavailable = (why: string) => new KubeError(503, 'ServiceUnavailable', why)

/** A 422. The message repeats the causes as the API server does: one plain, several in brackets. */
export function invalid(of: { group: string; kind: string }, name: string, causes: Cause[]): KubeError {
  const lines = causes.map((cause) => `${cause.field}: ${cause.message}`)
  const kind = of.group ? `${of.kind}.${of.group}` : of.kind
  return new KubeError(
    422,
    'Invalid',
    `${kind} "${name}" is invalid: ${lines.length === 1 ? lines[0] : `[${lines.join(', ')}]`}`,
    { ...(name ? { name } : {}), ...(of.group ? { group: of.group } : {}), kind: of.kind, causes },
  )
}

export const invalidValue = (field: string, value: unknown, why: string): Cause => ({
  reason: 'FieldValueInvalid',
  message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
  field,
})

export const required = (field: string, why = ''): Cause => ({
  reason: 'FieldValueRequired',
  message: `Required value${why ? `: ${why}` : ''}`,
  field,
})
