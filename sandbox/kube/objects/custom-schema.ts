import { invalidField, requiredField, type StatusCause } from '../errors.ts'
import type { JsonObject } from '../state.ts'
import { isMap } from './patches.ts'

const typeOf = (value: unknown): string =>
  Array.isArray(value)
    ? 'array'
    : isMap(value)
      ? 'object'
      : Number.isInteger(value)
        ? 'integer'
        : typeof value

const hasType = (value: unknown, schema: JsonObject): boolean => {
  if (schema['x-kubernetes-int-or-string']) return ['integer', 'string'].includes(typeOf(value))
  const type = typeOf(value)
  return schema.type === undefined || type === schema.type || (type === 'integer' && schema.type === 'number')
}

/** Fields that every object has, whatever its schema says. */
const standardFields = ['apiVersion', 'kind', 'metadata']

/** Checks a value against a structural schema, as far as types, enums and required fields go. */
export function validateSchema(value: unknown, schema: JsonObject, field = ''): StatusCause[] {
  if (!hasType(value, schema))
    return [
      invalidField(
        field,
        value,
        `${field} in body must be of type ${schema.type ?? 'integer,string'}: ${JSON.stringify(typeOf(value))}`,
      ),
    ]
  if (schema.enum && !schema.enum.includes(value))
    return [
      {
        reason: 'FieldValueNotSupported',
        message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${schema.enum.map((each: unknown) => JSON.stringify(each)).join(', ')}`,
        field,
      },
    ]
  if (Array.isArray(value))
    return value.flatMap((item, index) => validateSchema(item, schema.items ?? {}, `${field}[${index}]`))
  if (!isMap(value)) return []
  const path = (name: string) => (field ? `${field}.${name}` : name)
  return [
    ...((schema.required ?? []) as string[])
      .filter((name) => value[name] === undefined)
      .map((name) => requiredField(path(name))),
    ...Object.entries(value).flatMap(([name, part]) => {
      const inner = schema.properties?.[name] ?? schema.additionalProperties
      return isMap(inner) && !(field === '' && standardFields.includes(name))
        ? validateSchema(part, inner, path(name))
        : []
    }),
  ]
}

/** Returns the value without the fields that its schema doesn't have, and with the defaults of those that it does. */
export function pruned(value: unknown, schema: JsonObject, isRoot = true): unknown {
  if (Array.isArray(value)) return value.map((item) => pruned(item, schema.items ?? {}, false))
  if (!isMap(value)) return value
  const keepsAll =
    schema['x-kubernetes-preserve-unknown-fields'] || (!schema.properties && !schema.additionalProperties)
  const result: JsonObject = {}
  for (const [name, part] of Object.entries(value)) {
    const inner = schema.properties?.[name] ?? schema.additionalProperties
    if (isRoot && standardFields.includes(name)) result[name] = part
    else if (isMap(inner)) result[name] = pruned(part, inner, false)
    else if (inner === true || keepsAll) result[name] = part
  }
  for (const [name, inner] of Object.entries((schema.properties ?? {}) as Record<string, JsonObject>))
    if (inner.default !== undefined && result[name] === undefined) result[name] = inner.default
  return result
}
