import { InvalidBodyError, type Reply } from '../http.ts'
import type { Simulator } from '../simulator.ts'

export interface ErrorDetail {
  code: string
  target: string
  message: string
}

/** An error response of Microsoft Graph. */
export class GraphError extends Error {
  readonly status: number
  readonly code: string
  readonly details: ErrorDetail[] | undefined
  constructor(status: number, code: string, message: string, details?: ErrorDetail[]) {
    super(message)
    this.status = status
    this.code = code
    this.details = details
  }
}

export const badRequest = (message: string, details?: ErrorDetail[]) =>
  new GraphError(400, 'Request_BadRequest', message, details)

export const methodNotAllowed = () =>
  badRequest('Specified HTTP method is not allowed for the request target.')

export const unsupportedQuery = (message: string) => new GraphError(400, 'Request_UnsupportedQuery', message)

export const invalidProperty = (property: string, resource: string) =>
  badRequest(`Invalid value specified for property '${property}' of resource '${resource}'.`)

export const notFound = (id: string) =>
  new GraphError(
    404,
    'Request_ResourceNotFound',
    `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  )

export const requestDenied = (message = 'Insufficient privileges to complete the operation.') =>
  new GraphError(403, 'Authorization_RequestDenied', message)

export const duplicateKey = (message: string) =>
  new GraphError(409, 'Request_MultipleObjectsWithSameKeyValue', message)

export const valueInUse = (property: string) =>
  badRequest(`Another object with the same value for property ${property} already exists.`, [
    {
      code: 'ObjectConflict',
      target: property,
      message: `Another object with the same value for property ${property} already exists.`,
    },
  ])

export const unknownSegment = (segment: string) =>
  new GraphError(
    400,
    'BadRequest',
    `Resource not found for the segment '${segment}'. (Microsoft Graph may have it. The sandbox simulates only part of Graph.)`,
  )

/** IDs that a response echoes. */
export interface RequestIds {
  request: string
  client: string
}

/** Converts a thrown error to Graph's error response; rethrows other errors. */
export function graphErrorReply(thrown: unknown, simulator: Simulator, ids: RequestIds): Reply {
  const error =
    thrown instanceof InvalidBodyError
      ? new GraphError(
          400,
          'BadRequest',
          'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.',
        )
      : thrown
  if (!(error instanceof GraphError)) throw thrown
  const { status, code, message, details } = error
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: {
      error: {
        code,
        message,
        ...(details ? { details } : {}),
        innerError: {
          date: new Date(simulator.now()).toISOString().slice(0, 19),
          'request-id': ids.request,
          'client-request-id': ids.client,
        },
      },
    },
  }
}
