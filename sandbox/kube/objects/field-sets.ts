import { isDeepStrictEqual } from 'node:util'
import type { JsonObject } from '../state.ts'
import { isMap } from './patches.ts'
import { isAtomicMap, listMapKeys } from './schema.ts'

/** Fields that someone owns, each as its path of `f:name`, `k:{…}` and `v:…` steps joined by a NUL. */
export type FieldSet = Set<string>

const joint = '\u0000'
const join = (path: string[]) => path.join(joint)
export const splitPath = (path: string) => path.split(joint)

const nameOf = (path: string[]) => path.findLast((step) => step.startsWith('f:'))?.slice(2) ?? ''
const isGranular = (value: unknown, path: string[]): value is JsonObject =>
  isMap(value) &&
  Object.keys(value).length > 0 &&
  !(path.at(-1)?.startsWith('f:') && isAtomicMap(nameOf(path)))

/** The steps into a list's items, or undefined for one that is owned whole. */
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

/** The parts below a value: a map's fields, a keyed list's items; undefined when it is owned whole. */
const parts = (kind: string, value: unknown, path: string[]): [string, unknown][] | undefined =>
  isGranular(value, path)
    ? Object.entries(value).map(([key, part]) => [`f:${key}`, part])
    : listItems(kind, value, path)

/** What an applied configuration claims: its leaves, and the items of keyed lists. */
export function appliedFields(
  kind: string,
  value: unknown,
  path: string[] = [],
  set: FieldSet = new Set(),
): FieldSet {
  const below = parts(kind, value, path)
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

/** Structures that the server always has, so that nobody makes them. */
const given = new Set(['metadata', 'spec', 'status', 'template', 'strategy', 'updateStrategy'])

function all(kind: string, value: unknown, path: string[], set: FieldSet): void {
  const below = parts(kind, value, path)
  if (!below || !Array.isArray(value)) {
    const last = path.at(-1)
    if (!below || last?.startsWith('k:') || (last && !given.has(last.slice(2)))) set.add(join(path))
  }
  for (const [step, part] of below ?? []) all(kind, part, [...path, step], set)
}

export interface Comparison {
  added: FieldSet
  modified: FieldSet
  removed: FieldSet
}

/** Which fields differ between two states of an object. */
export function compareFields(
  kind: string,
  before: unknown,
  after: unknown,
  path: string[] = [],
  result: Comparison = { added: new Set(), modified: new Set(), removed: new Set() },
): Comparison {
  if (before === undefined && after === undefined) return result
  if (before === undefined) all(kind, after, path, result.added)
  else if (after === undefined) all(kind, before, path, result.removed)
  else {
    const [was, is] = [parts(kind, before, path), parts(kind, after, path)]
    if (was && is) {
      const [old, fresh] = [new Map(was), new Map(is)]
      for (const step of new Set([...old.keys(), ...fresh.keys()]))
        compareFields(kind, old.get(step), fresh.get(step), [...path, step], result)
    } else if (was && isEmpty(after))
      for (const [step, part] of was) all(kind, part, [...path, step], result.removed)
    else if (is && isEmpty(before))
      for (const [step, part] of is) all(kind, part, [...path, step], result.added)
    else if (!isDeepStrictEqual(before, after)) result.modified.add(join(path))
  }
  return result
}

const isEmpty = (value: unknown) =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0

/** As `fieldsV1` writes a set. */
export function toFieldsV1(set: FieldSet): JsonObject {
  const root: JsonObject = {}
  for (const path of [...set].sort()) {
    let at = root
    for (const step of splitPath(path)) at = at[step] ??= {}
    if (set.has(path)) at['.'] = {}
  }
  const tidy = (node: JsonObject): JsonObject => {
    const keys = Object.keys(node).filter((key) => key !== '.')
    if (!keys.length) return {}
    return Object.fromEntries([
      ...('.' in node ? [['.', {}]] : []),
      ...keys.sort().map((key) => [key, tidy(node[key])]),
    ])
  }
  return tidy(root)
}

export function fromFieldsV1(node: JsonObject, path: string[] = [], set: FieldSet = new Set()): FieldSet {
  const keys = Object.keys(node)
  if (path.length && (!keys.length || '.' in node)) set.add(join(path))
  for (const key of keys) if (key !== '.') fromFieldsV1(node[key], [...path, key], set)
  return set
}

/** As conflict messages write a path: `.spec.containers[name="x"].image`. */
export const formatPath = (path: string): string =>
  splitPath(path)
    .map((step) => {
      if (step.startsWith('f:')) return `.${step.slice(2)}`
      if (step.startsWith('v:')) return `[=${step.slice(2)}]`
      const keys = Object.entries(JSON.parse(step.slice(2)) as JsonObject)
      return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`
    })
    .join('')

/** The object without one field, and without the maps that are empty then. */
export function dropField(kind: string, object: JsonObject, path: string): JsonObject {
  const drop = (at: unknown, steps: string[], above: string[]): unknown => {
    const [step = '', ...rest] = steps
    const here = [...above, step]
    const all = listItems(kind, at, above)
    if (all)
      return all.flatMap(([key, item]) =>
        key !== step ? [item] : rest.length ? [drop(item, rest, here)] : [],
      )
    const name = step.slice(2)
    if (!isMap(at) || !(name in at)) return at
    const { [name]: part, ...others } = at
    if (!rest.length) return others
    const left = drop(part, rest, here)
    return isEmpty(left) ? others : { ...at, [name]: left }
  }
  return drop(object, splitPath(path), []) as JsonObject
}
