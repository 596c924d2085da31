import { isDeepStrictEqual } from 'node:util'
import type { JsonObject } from '../state.ts'
import { isMap } from './patches.ts'
import { isAtomicMap, listMapKeys } from './schema.ts'

/** Owned fields: paths of `f:name`, `k:{…}` and `v:…` steps (as in `fieldsV1`), joined by NUL. */
export type FieldSet = Set<string>

const separator = '\u0000'
const join = (path: string[]) => path.join(separator)
export const splitPath = (path: string) => path.split(separator)

const nameOf = (path: string[]) => path.findLast((step) => step.startsWith('f:'))?.slice(2) ?? ''
const isGranular = (value: unknown, path: string[]): value is JsonObject =>
  isMap(value) &&
  Object.keys(value).length > 0 &&
  !(path.at(-1)?.startsWith('f:') && isAtomicMap(nameOf(path)))

/** Returns the items of a list with the steps that lead to them, or `undefined` for an atomic list. */
export function listItems(kind: string, value: unknown, path: string[]): [string, unknown][] | undefined {
  if (!Array.isArray(value) || value.length === 0 || !path.at(-1)?.startsWith('f:')) return undefined
  const keys = listMapKeys(kind, nameOf(path))
  if (!keys) return undefined
  if (keys === 'set') return value.map((item) => [`v:${JSON.stringify(item)}`, item])
  if (!value.every(isMap)) return undefined
  return value.map((item) => {
    const found = keys.map((key): [string, unknown] => [
      key,
      item[key] ?? (key === 'protocol' ? 'TCP' : undefined),
    ])
    return [`k:${JSON.stringify(Object.fromEntries(found))}`, item]
  })
}

/** Returns the fields of a map or the items of a keyed list, or `undefined` for an atomic value. */
const childrenOf = (kind: string, value: unknown, path: string[]): [string, unknown][] | undefined =>
  isGranular(value, path)
    ? Object.entries(value).map(([key, part]) => [`f:${key}`, part])
    : listItems(kind, value, path)

/** Returns the fields that an applied configuration owns: its leaves and the items of keyed lists. */
export function appliedFields(
  kind: string,
  value: unknown,
  path: string[] = [],
  set: FieldSet = new Set(),
): FieldSet {
  const below = childrenOf(kind, value, path)
  if (!below) {
    if (path.length && value !== null) set.add(join(path))
    return set
  }
  for (const [step, part] of below) {
    if (!step.startsWith('f:')) set.add(join([...path, step]))
    appliedFields(kind, part, [...path, step], set)
  }
  return set
}

/** Structures that always exist, so they have no owner. */
const implicitStructures = new Set(['metadata', 'spec', 'status', 'template', 'strategy', 'updateStrategy'])

function collectFields(kind: string, value: unknown, path: string[], set: FieldSet): void {
  const below = childrenOf(kind, value, path)
  if (!below || !Array.isArray(value)) {
    const last = path.at(-1)
    if (!below || last?.startsWith('k:') || (last && !implicitStructures.has(last.slice(2))))
      set.add(join(path))
  }
  for (const [step, part] of below ?? []) collectFields(kind, part, [...path, step], set)
}

export interface Comparison {
  added: FieldSet
  modified: FieldSet
  removed: FieldSet
}

/** Compares two states of an object by field. */
export function compareFields(
  kind: string,
  before: unknown,
  after: unknown,
  path: string[] = [],
  result: Comparison = { added: new Set(), modified: new Set(), removed: new Set() },
): Comparison {
  if (before === undefined && after === undefined) return result
  if (before === undefined) collectFields(kind, after, path, result.added)
  else if (after === undefined) collectFields(kind, before, path, result.removed)
  else {
    const [was, is] = [childrenOf(kind, before, path), childrenOf(kind, after, path)]
    if (was && is) {
      const [oldChildren, newChildren] = [new Map(was), new Map(is)]
      for (const step of new Set([...oldChildren.keys(), ...newChildren.keys()]))
        compareFields(kind, oldChildren.get(step), newChildren.get(step), [...path, step], result)
    } else if (was && isEmpty(after))
      for (const [step, part] of was) collectFields(kind, part, [...path, step], result.removed)
    else if (is && isEmpty(before))
      for (const [step, part] of is) collectFields(kind, part, [...path, step], result.added)
    else if (!isDeepStrictEqual(before, after)) result.modified.add(join(path))
  }
  return result
}

const isEmpty = (value: unknown) =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0

/** Converts a set to `fieldsV1`. */
export function toFieldsV1(set: FieldSet): JsonObject {
  const root: JsonObject = {}
  for (const path of [...set].sort()) {
    let at = root
    for (const step of splitPath(path)) at = at[step] ??= {}
    if (set.has(path)) at['.'] = {}
  }
  const sortKeys = (node: JsonObject): JsonObject => {
    const keys = Object.keys(node).filter((key) => key !== '.')
    if (!keys.length) return {}
    return Object.fromEntries([
      ...('.' in node ? [['.', {}]] : []),
      ...keys.sort().map((key) => [key, sortKeys(node[key])]),
    ])
  }
  return sortKeys(root)
}

export function fromFieldsV1(node: JsonObject, path: string[] = [], set: FieldSet = new Set()): FieldSet {
  const keys = Object.keys(node)
  if (path.length && (!keys.length || '.' in node)) set.add(join(path))
  for (const key of keys) if (key !== '.') fromFieldsV1(node[key], [...path, key], set)
  return set
}

/** Formats a path as in conflict messages: `.spec.containers[name="x"].image`. */
export const formatPath = (path: string): string =>
  splitPath(path)
    .map((step) => {
      if (step.startsWith('f:')) return `.${step.slice(2)}`
      if (step.startsWith('v:')) return `[=${step.slice(2)}]`
      const keys = Object.entries(JSON.parse(step.slice(2)) as JsonObject)
      return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`
    })
    .join('')

/** Returns the object without one field and without maps that become empty. */
export function dropField(kind: string, object: JsonObject, path: string): JsonObject {
  const drop = (at: unknown, steps: string[], above: string[]): unknown => {
    const [step = '', ...rest] = steps
    const here = [...above, step]
    const collectFields = listItems(kind, at, above)
    if (collectFields)
      return collectFields.flatMap(([key, item]) =>
        key !== step ? [item] : rest.length ? [drop(item, rest, here)] : [],
      )
    const name = step.slice(2)
    if (!isMap(at) || !(name in at)) return at
    const { [name]: part, ...others } = at
    if (!rest.length) return others
    const remaining = drop(part, rest, here)
    return isEmpty(remaining) ? others : { ...at, [name]: remaining }
  }
  return drop(object, splitPath(path), []) as JsonObject
}
