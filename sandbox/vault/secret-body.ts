import type { Call } from '../http.ts'
import { badParameter } from './errors.ts'

const maxContentType = 255
const maxTags = 15

/** The body of a write. Members that are null count as missing. */
export interface SecretBody {
  value?: unknown
  contentType?: string | null
  tags?: Record<string, string> | null
  attributes?: { enabled?: boolean | null; nbf?: number | null; exp?: number | null } | null
}

/** Reads the body of a write; JSON other than an object counts as empty. Throws 400 for invalid JSON or over a limit. */
export function parseSecretBody(call: Call): SecretBody {
  let body: SecretBody | null
  try {
    body = call.json<SecretBody | null>()
  } catch {
    throw badParameter('The request body is not valid JSON')
  }
  const parsed = typeof body === 'object' && body !== null ? body : {}
  requireLimits(parsed)
  return parsed
}

function requireLimits({ contentType, tags, attributes }: SecretBody): void {
  if ((contentType ?? '').length > maxContentType)
    throw badParameter(`Property contentType has invalid value: longer than ${maxContentType} characters`)
  if (Object.keys(tags ?? {}).length > maxTags)
    throw badParameter(`Property tags has invalid value: more than ${maxTags} tags`)
  for (const name of ['nbf', 'exp'] as const)
    if (attributes?.[name] != null && !Number.isInteger(attributes[name]))
      throw badParameter(`Property attributes.${name} has invalid value`)
}
