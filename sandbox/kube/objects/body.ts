import { badRequest } from '../errors.ts'
import type { JsonObject } from '../state.ts'
import { checkFieldTypes } from './field-types.ts'
import { isMap, withoutNulls } from './patches.ts'
import { groupVersion } from './resources.ts'
import type { WriteContext } from './write-context.ts'

/** Checks that a request body has the kind, namespace and name of the request. Throws 400. */
export function checkBody(
  { resource, namespace }: Pick<WriteContext, 'resource' | 'namespace'>,
  sent: unknown,
  name?: string,
): JsonObject {
  const body = withoutNulls(sent)
  if (!isMap(body)) throw badRequest('the object provided is unrecognized (must be of type Object)')
  checkFieldTypes(resource, body)
  const expected = groupVersion(resource)
  if (body.apiVersion && body.apiVersion !== expected)
    throw badRequest(
      `the API version in the data (${body.apiVersion}) does not match the expected API version (${expected})`,
    )
  if (body.kind && body.kind !== resource.kind)
    throw badRequest(
      `${body.kind} in version ${JSON.stringify(resource.version)} cannot be handled as a ${resource.kind}`,
    )
  const metadata: JsonObject = body.metadata ?? {}
  if (metadata.namespace && metadata.namespace !== namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  if (name !== undefined && metadata.name && metadata.name !== name)
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`)
  return body
}
