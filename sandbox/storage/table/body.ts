import { type Call, InvalidBodyError } from '../../http.ts'
import { StorageError } from '../errors.ts'

/** Returns the JSON object in the body of a request. Throws 400. */
export function readBody(call: Call): Record<string, unknown> {
  try {
    const body = call.json<unknown>()
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return { ...body }
  } catch (error) {
    if (!(error instanceof InvalidBodyError)) throw error
  }
  throw new StorageError(400, 'InvalidInput', 'One of the request inputs is not valid.')
}
