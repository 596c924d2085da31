import { isDeepStrictEqual } from 'node:util'
import { KubeError, type StatusCause } from '../errors.ts'
import type { JsonObject } from '../state.ts'
import {
  appliedFields,
  compareFields,
  dropField,
  type FieldSet,
  formatPath,
  fromFieldsV1,
  listItems,
  toFieldsV1,
} from './field-sets.ts'
import { isMap } from './patches.ts'
import { type ApiResource, groupVersion } from './resources.ts'
import { isAtomicMap } from './schema.ts'

export interface Writer {
  manager: string
  operation: 'Apply' | 'Update'
  subresource?: string
  /** RFC 3339, for the entry's `time`. */
  time: string
}

interface Owner {
  manager: string
  operation: string
  apiVersion: string
  subresource?: string
  time: string
  fields: FieldSet
}

const owners = (object: JsonObject | undefined): Owner[] =>
  ((object?.metadata.managedFields ?? []) as JsonObject[]).map((entry) => ({
    manager: entry.manager,
    operation: entry.operation,
    apiVersion: entry.apiVersion,
    ...(entry.subresource ? { subresource: entry.subresource } : {}),
    time: entry.time,
    fields: fromFieldsV1(entry.fieldsV1 ?? {}),
  }))

const order = ({ operation, time, manager }: Owner) => `${operation} ${time} ${manager}`

const entries = (all: Owner[]) =>
  all
    .filter(({ fields }) => fields.size > 0)
    .sort((one, other) => (order(one) < order(other) ? -1 : 1))
    .map(({ manager, operation, apiVersion, time, fields, subresource }) => ({
      manager,
      operation,
      apiVersion,
      time,
      fieldsType: 'FieldsV1',
      fieldsV1: toFieldsV1(fields),
      ...(subresource ? { subresource } : {}),
    }))

/** The object without what nobody can own: its name, what the server sets, and the part that isn't written here. */
function ownable(resource: ApiResource, object: JsonObject, subresource: string | undefined): JsonObject {
  const { apiVersion: _a, kind: _k, status, metadata, ...rest } = object
  if (subresource === 'status') return { ...(status ? { status } : {}) }
  const {
    name: _n,
    namespace: _ns,
    uid: _u,
    resourceVersion: _r,
    creationTimestamp: _c,
    generation: _g,
    managedFields: _m,
    deletionTimestamp: _d,
    selfLink: _s,
    ...open
  } = metadata as JsonObject
  return {
    ...rest,
    ...(resource.status || !status ? {} : { status }),
    ...(Object.keys(open).length ? { metadata: open } : {}),
  }
}

const isSelf = (writer: Writer, apiVersion: string) => (owner: Owner) =>
  owner.manager === writer.manager &&
  owner.operation === writer.operation &&
  owner.apiVersion === apiVersion &&
  owner.subresource === writer.subresource

const without = (set: FieldSet, ...gone: FieldSet[]): FieldSet =>
  new Set([...set].filter((path) => !gone.some((each) => each.has(path))))

const sameSet = (one: FieldSet, other: FieldSet) =>
  one.size === other.size && [...one].every((path) => other.has(path))

/** `managedFields` after a write that was no apply: what it changed is the writer's, what it removed is nobody's. */
export function recordUpdate(
  resource: ApiResource,
  before: JsonObject | undefined,
  after: JsonObject,
  writer: Writer,
): JsonObject[] {
  const apiVersion = groupVersion(resource)
  const { subresource } = writer
  const { added, modified, removed } = compareFields(
    resource.kind,
    before && ownable(resource, before, subresource),
    ownable(resource, after, subresource),
  )
  const changed: FieldSet = new Set([...added, ...modified])
  changed.delete('')
  const all = owners(before ?? after)
  const own = all.find(isSelf(writer, apiVersion))
  const others = all
    .filter((owner) => owner !== own)
    .map((owner) => ({ ...owner, fields: without(owner.fields, changed, removed) }))
  const fields = without(new Set([...(own?.fields ?? []), ...changed]), removed)
  const untouched = changed.size === 0 && own !== undefined && sameSet(fields, own.fields)
  const self: Owner = {
    manager: writer.manager,
    operation: writer.operation,
    apiVersion,
    ...(subresource ? { subresource } : {}),
    time: untouched ? own.time : writer.time,
    fields,
  }
  return entries([...others, self])
}

/** Lays an applied configuration over the live object. */
function overlay(kind: string, live: unknown, applied: unknown, path: string[]): unknown {
  const name = path.at(-1)
  if (applied === null) return live
  if (isMap(applied) && isMap(live) && !(name?.startsWith('f:') && isAtomicMap(name.slice(2)))) {
    const result: JsonObject = { ...live }
    for (const [key, value] of Object.entries(applied))
      if (value !== null) result[key] = overlay(kind, live[key], value, [...path, `f:${key}`])
    return result
  }
  const [was, is] = [listItems(kind, live, path), listItems(kind, applied, path)]
  if (was && Array.isArray(applied) && !applied.length) return live
  if (!was || !is) return applied
  const fresh = new Map(is)
  const kept = was.map(([step, item]) =>
    fresh.has(step) ? overlay(kind, item, fresh.get(step), [...path, step]) : item,
  )
  const known = new Set(was.map(([step]) => step))
  return [...kept, ...is.filter(([step]) => !known.has(step)).map(([, item]) => item)]
}

const identifier = ({ manager, operation, apiVersion, subresource }: Owner) =>
  operation === 'Update'
    ? `${JSON.stringify(manager)}${subresource ? ` with subresource ${JSON.stringify(subresource)}` : ''} using ${apiVersion}`
    : JSON.stringify(manager)

function conflictError(found: { owner: Owner; path: string }[]): KubeError {
  const causes: StatusCause[] = found.map(({ owner, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${identifier(owner)}`,
    field: formatPath(path),
  }))
  const byOwner = Map.groupBy(found, ({ owner }) => identifier(owner))
  const lines = [...byOwner]
    .sort()
    .flatMap(([who, list]) => [`conflicts with ${who}:`, ...list.map(({ path }) => `- ${formatPath(path)}`)])
  const message =
    found.length === 1
      ? `Apply failed with 1 conflict: ${causes[0]!.message}: ${causes[0]!.field}`
      : `Apply failed with ${found.length} conflicts: ${lines.join('\n')}`
  return new KubeError(409, 'Conflict', message, { causes })
}

/**
 * Server-side apply: the live object with the configuration laid over it, what this manager no longer claims taken
 * away, and the ownership that follows. `complete` adds defaults. Throws 409 when another manager owns a field that would change.
 */
export function mergeApply(
  resource: ApiResource,
  live: JsonObject | undefined,
  applied: JsonObject,
  writer: Writer,
  force: boolean,
  complete: (object: JsonObject) => JsonObject,
): { object: JsonObject; managedFields: JsonObject[] } {
  const { kind } = resource
  const apiVersion = groupVersion(resource)
  const claims = appliedFields(kind, ownable(resource, applied, writer.subresource))
  const all = owners(live)
  const own = all.find(isSelf(writer, apiVersion))
  let object = structuredClone((live ? overlay(kind, live, applied, []) : applied) as JsonObject)
  let others = all.filter((owner) => owner !== own)
  if (live) {
    const { added, modified } = compareFields(
      kind,
      ownable(resource, live, writer.subresource),
      ownable(resource, object, writer.subresource),
    )
    const changed: FieldSet = new Set([...added, ...modified])
    const conflicts = others.flatMap((owner) =>
      [...owner.fields]
        .filter((path) => changed.has(path))
        .sort()
        .map((path) => ({ owner, path })),
    )
    if (conflicts.length && !force) throw conflictError(conflicts)
    others = others.map((owner) => ({ ...owner, fields: without(owner.fields, changed) }))
    const dropped = [...without(own?.fields ?? new Set(), claims)].sort()
    for (const path of dropped) {
      const shared = [...others, { fields: claims }].some(({ fields }) =>
        [...fields].some((each) => each === path || each.startsWith(`${path}\u0000`)),
      )
      if (!shared) object = dropField(kind, object, path)
    }
  }
  const unchanged =
    own !== undefined && sameSet(own.fields, claims) && live !== undefined && sameBut(live, complete(object))
  const self: Owner = {
    manager: writer.manager,
    operation: 'Apply',
    apiVersion,
    ...(writer.subresource ? { subresource: writer.subresource } : {}),
    time: unchanged ? own.time : writer.time,
    fields: claims,
  }
  return { object, managedFields: entries([...others, self]) }
}

const sameBut = (one: JsonObject, other: JsonObject) => {
  const bare = (object: JsonObject) => ({
    ...object,
    metadata: { ...object.metadata, managedFields: undefined },
  })
  return isDeepStrictEqual(bare(one), bare(other))
}
