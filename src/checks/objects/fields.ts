import { isGuid } from '../../settings/rules.ts'
import { isPlaceholder } from '../workloads/placeholder.ts'
import type { FieldPath } from '../workloads/rule.ts'
import type { OpenObject } from '../workloads/workload.ts'
import type { ObjectFinding } from './object-kind.ts'

/** Returns the value at a path; undefined if a part of the path is missing. */
export const valueAt = (object: OpenObject, path: FieldPath): unknown =>
  path.reduce<unknown>(
    (parent, step) =>
      typeof parent === 'object' && parent !== null ? (parent as OpenObject)[step] : undefined,
    object,
  )

/** Returns the map at a path; an empty one if there is none. */
export const mapAt = (object: OpenObject, path: FieldPath): OpenObject => {
  const value = valueAt(object, path)
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
}

/** Returns the maps in the list at a path. */
export const mapsAt = (object: OpenObject, path: FieldPath): OpenObject[] => {
  const value = valueAt(object, path)
  return Array.isArray(value)
    ? value.map((each) => (typeof each === 'object' && each !== null ? each : {}))
    : []
}

/** Returns the text at a path, trimmed; undefined if it is empty or no text. */
export const textAt = (object: OpenObject, path: FieldPath): string | undefined => {
  const value = valueAt(object, path)
  return typeof value === 'string' ? value.trim() || undefined : undefined
}

/** Returns a merge patch that sets the value at a path. */
export const patchAt = (path: FieldPath, value: unknown): OpenObject =>
  path.reduceRight((inner, step) => ({ [step]: inner }), value) as OpenObject

/** Returns the finding of a client ID that is none: a warning, unless it is the ID of a resource. */
export function clientIdFindings(object: OpenObject, field: FieldPath): ObjectFinding[] {
  const value = textAt(object, field)
  if (value === undefined || isGuid(value) || isPlaceholder(value)) return []
  const isResource = value.startsWith('/subscriptions/')
  return [
    {
      about: 'settings',
      detail: `has ${isResource ? 'a resource ID' : 'no GUID'} as client ID`,
      is: value,
      should: "the identity's client ID (a GUID)",
      field,
      edit: "set the identity's client ID",
      ...(isResource ? {} : { warning: true }),
    },
  ]
}
