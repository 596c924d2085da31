import { badRequest, KubeError } from '../errors.ts'
import type { JsonObject } from '../state.ts'
import { listMapKeys } from './schema.ts'

export const isMap = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Returns the value without null members, which Go decodes as absent. */
export function withoutNulls<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withoutNulls) as T
  if (!isMap(value)) return value
  const entries = Object.entries(value).filter(([, part]) => part !== null)
  return Object.fromEntries(entries.map(([name, part]) => [name, withoutNulls(part)])) as T
}

/** Applies a JSON merge patch (RFC 7386). */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return patch
  const result: JsonObject = isMap(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch))
    if (value === null) delete result[key]
    else result[key] = mergePatch(result[key], value)
  return result
}

interface Operation {
  op: string
  path: string
  from?: string
  value?: unknown
}

const parsePointer = (pointer: string) =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))

const patchFailed = (why: string) =>
  new KubeError(422, 'Invalid', `the server rejected our request due to an error in our request: ${why}`, {})

function resolvePath(root: unknown, path: string[]): unknown {
  let at = root as JsonObject
  for (const step of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step))
      throw patchFailed(`missing path: /${path.join('/')}`)
    at = at[step]
  }
  return at
}

function setAt(root: JsonObject, path: string[], value: unknown, replace: boolean): void {
  const last = path.at(-1)!
  const parent = resolvePath(root, path.slice(0, -1))
  if (Array.isArray(parent)) {
    if (last === '-') parent.push(value)
    else if (replace) parent[Number(last)] = value
    else parent.splice(Number(last), 0, value)
  } else if (isMap(parent)) parent[last] = value
  else throw patchFailed(`missing path: /${path.join('/')}`)
}

function removeAt(root: JsonObject, path: string[]): unknown {
  const value = resolvePath(root, path)
  const parent = resolvePath(root, path.slice(0, -1)) as JsonObject
  if (Array.isArray(parent)) parent.splice(Number(path.at(-1)), 1)
  else delete parent[path.at(-1)!]
  return value
}

/** Applies a JSON patch (RFC 6902). Throws 422 for a failing `test` or a missing path. */
export function jsonPatch(target: JsonObject, operations: unknown): JsonObject {
  if (!Array.isArray(operations)) throw badRequest('error decoding patch: the patch is not a list')
  const result = structuredClone(target)
  for (const operation of operations as Operation[]) {
    const { op, path, from, value } = isMap(operation) ? operation : ({} as Operation)
    if (typeof path !== 'string' || typeof (from ?? '') !== 'string')
      throw badRequest('error decoding patch: an operation needs a path')
    const to = parsePointer(path)
    if (op === 'add') setAt(result, to, value, false)
    else if (op === 'replace') {
      resolvePath(result, to)
      setAt(result, to, value, true)
    } else if (op === 'remove') removeAt(result, to)
    else if (op === 'move') setAt(result, to, removeAt(result, parsePointer(from ?? '')), false)
    else if (op === 'copy')
      setAt(result, to, structuredClone(resolvePath(result, parsePointer(from ?? ''))), false)
    else if (op === 'test') {
      if (JSON.stringify(resolvePath(result, to)) !== JSON.stringify(value))
        throw patchFailed(`testing value ${path} failed`)
    } else throw badRequest(`unexpected kind: ${op}`)
  }
  return result
}

const directive = (value: unknown) => (isMap(value) ? value.$patch : undefined)

function mergeList(kind: string, field: string, target: unknown, patch: unknown[]): unknown[] {
  const keys = listMapKeys(kind, field)
  if (
    keys === undefined ||
    patch.some((item) => directive(item) === 'replace' && isMap(item) && Object.keys(item).length === 1)
  )
    return patch.filter((item) => !directive(item))
  const existing = Array.isArray(target) ? target : []
  if (keys === 'set') return [...new Set([...existing, ...patch])]
  const key = keys[0]!
  let result = [...existing] as JsonObject[]
  for (const item of patch as JsonObject[]) {
    const at = result.findIndex((each) => each[key] === item[key])
    if (directive(item) === 'delete') result = result.filter((each) => each[key] !== item[key])
    else if (at < 0) result.push(strategicMerge(kind, field, {}, item) as JsonObject)
    else result[at] = strategicMerge(kind, field, result[at], item) as JsonObject
  }
  return result
}

/** Applies a strategic merge patch: merges maps, and lists whose items have keys; replaces everything else. */
export function strategicMerge(kind: string, _field: string, target: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return patch
  if (directive(patch) === 'replace') {
    const { $patch: _, ...rest } = patch
    return rest
  }
  const result: JsonObject = isMap(target) ? { ...target } : {}
  const retainKeys = patch.$retainKeys as string[] | undefined
  if (retainKeys) for (const key of Object.keys(result)) if (!retainKeys.includes(key)) delete result[key]
  for (const [key, value] of Object.entries(patch)) {
    const listDeletion = /^\$deleteFromPrimitiveList\/(.+)$/.exec(key)
    if (listDeletion) {
      const name = listDeletion[1]!
      result[name] = ((result[name] ?? []) as unknown[]).filter(
        (each) => !(value as unknown[]).includes(each),
      )
    } else if (key.startsWith('$')) continue
    else if (value === null || directive(value) === 'delete') delete result[key]
    else if (Array.isArray(value)) result[key] = mergeList(kind, key, result[key], value)
    else result[key] = strategicMerge(kind, key, result[key], value)
  }
  return result
}
