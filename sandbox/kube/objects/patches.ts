import { badRequest, KubeError } from '../errors.ts'
import type { JsonObject } from '../state.ts'
import { listMapKeys } from './schema.ts'

export const isMap = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Without the members that are null: to Go they are as good as not there. */
export function withoutNulls<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withoutNulls) as T
  if (!isMap(value)) return value
  const entries = Object.entries(value).filter(([, part]) => part !== null)
  return Object.fromEntries(entries.map(([name, part]) => [name, withoutNulls(part)])) as T
}

/** RFC 7386. */
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

const steps = (pointer: string) =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))

const failed = (why: string) =>
  new KubeError(422, 'Invalid', `the server rejected our request due to an error in our request: ${why}`, {})

function reach(root: unknown, path: string[]): unknown {
  let at = root as JsonObject
  for (const step of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step))
      throw failed(`missing path: /${path.join('/')}`)
    at = at[step]
  }
  return at
}

function put(root: JsonObject, path: string[], value: unknown, replace: boolean): void {
  const last = path.at(-1)!
  const parent = reach(root, path.slice(0, -1))
  if (Array.isArray(parent)) {
    if (last === '-') parent.push(value)
    else if (replace) parent[Number(last)] = value
    else parent.splice(Number(last), 0, value)
  } else if (isMap(parent)) parent[last] = value
  else throw failed(`missing path: /${path.join('/')}`)
}

function take(root: JsonObject, path: string[]): unknown {
  const value = reach(root, path)
  const parent = reach(root, path.slice(0, -1)) as JsonObject
  if (Array.isArray(parent)) parent.splice(Number(path.at(-1)), 1)
  else delete parent[path.at(-1)!]
  return value
}

/** RFC 6902. Throws 422 for a failing `test` or a missing path. */
export function jsonPatch(target: JsonObject, operations: unknown): JsonObject {
  if (!Array.isArray(operations)) throw badRequest('error decoding patch: the patch is not a list')
  const result = structuredClone(target)
  for (const operation of operations as Operation[]) {
    const { op, path, from, value } = isMap(operation) ? operation : ({} as Operation)
    if (typeof path !== 'string' || typeof (from ?? '') !== 'string')
      throw badRequest('error decoding patch: an operation needs a path')
    const to = steps(path)
    if (op === 'add') put(result, to, value, false)
    else if (op === 'replace') {
      reach(result, to)
      put(result, to, value, true)
    } else if (op === 'remove') take(result, to)
    else if (op === 'move') put(result, to, take(result, steps(from ?? '')), false)
    else if (op === 'copy') put(result, to, structuredClone(reach(result, steps(from ?? ''))), false)
    else if (op === 'test') {
      if (JSON.stringify(reach(result, to)) !== JSON.stringify(value))
        throw failed(`testing value ${path} failed`)
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

/** Kubernetes' strategic merge: maps merge, lists with known keys merge by them, all else is replaced. */
export function strategicMerge(kind: string, _field: string, target: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return patch
  if (directive(patch) === 'replace') {
    const { $patch: _, ...rest } = patch
    return rest
  }
  const result: JsonObject = isMap(target) ? { ...target } : {}
  const retained = patch.$retainKeys as string[] | undefined
  if (retained) for (const key of Object.keys(result)) if (!retained.includes(key)) delete result[key]
  for (const [key, value] of Object.entries(patch)) {
    const removal = /^\$deleteFromPrimitiveList\/(.+)$/.exec(key)
    if (removal) {
      const name = removal[1]!
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
