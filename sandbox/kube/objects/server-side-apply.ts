import { isDeepStrictEqual } from 'node:util'
import { KubeError, type StatusCause } from '../errors.ts'
import type { JsonObject } from '../state.ts'
import {
  appliedFields,
  compareFields,
  dropField,
  type FieldSet,
  formatPath,
  listItems,
} from './field-sets.ts'
import {
  type FieldOwner,
  formatManagedFields,
  isEntryOf,
  isSameSet,
  ownableMembers,
  parseManagedFields,
  subtract,
  type Writer,
} from './managed-fields.ts'
import { isMap } from './patches.ts'
import { type ApiResource, groupVersion } from './resources.ts'
import { isAtomicMap } from './schema.ts'

/** Merges an applied configuration into the live object. */
function mergeConfiguration(kind: string, live: unknown, applied: unknown, path: string[]): unknown {
  const name = path.at(-1)
  if (applied === null) return live
  if (isMap(applied) && isMap(live) && !(name?.startsWith('f:') && isAtomicMap(name.slice(2)))) {
    const result: JsonObject = { ...live }
    for (const [key, value] of Object.entries(applied))
      if (value !== null) result[key] = mergeConfiguration(kind, live[key], value, [...path, `f:${key}`])
    return result
  }
  const [liveItems, newItems] = [listItems(kind, live, path), listItems(kind, applied, path)]
  if (liveItems && Array.isArray(applied) && !applied.length) return live
  if (!liveItems || !newItems) return applied
  const newByStep = new Map(newItems)
  const merged = liveItems.map(([step, item]) =>
    newByStep.has(step) ? mergeConfiguration(kind, item, newByStep.get(step), [...path, step]) : item,
  )
  const known = new Set(liveItems.map(([step]) => step))
  return [...merged, ...newItems.filter(([step]) => !known.has(step)).map(([, item]) => item)]
}

const describeOwner = ({ manager, operation, apiVersion, subresource }: FieldOwner) =>
  operation === 'Update'
    ? `${JSON.stringify(manager)}${subresource ? ` with subresource ${JSON.stringify(subresource)}` : ''} using ${apiVersion}`
    : JSON.stringify(manager)

function conflictError(conflicts: { owner: FieldOwner; path: string }[]): KubeError {
  const causes: StatusCause[] = conflicts.map(({ owner, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${describeOwner(owner)}`,
    field: formatPath(path),
  }))
  const byOwner = Map.groupBy(conflicts, ({ owner }) => describeOwner(owner))
  const lines = [...byOwner]
    .sort()
    .flatMap(([who, list]) => [`conflicts with ${who}:`, ...list.map(({ path }) => `- ${formatPath(path)}`)])
  const message =
    conflicts.length === 1
      ? `Apply failed with 1 conflict: ${causes[0]!.message}: ${causes[0]!.field}`
      : `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`
  return new KubeError(409, 'Conflict', message, { causes })
}

/**
 * Server-side apply: merges the configuration into the live object, and removes fields that the manager applied before
 * but no longer does. `complete` adds defaults. Throws 409 if a change concerns a field of another manager.
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
  const appliedSet = appliedFields(kind, ownableMembers(resource, applied, writer.subresource))
  const all = parseManagedFields(live)
  const current = all.find(isEntryOf(writer, apiVersion))
  let object = structuredClone((live ? mergeConfiguration(kind, live, applied, []) : applied) as JsonObject)
  let others = all.filter((owner) => owner !== current)
  if (live) {
    const { added, modified } = compareFields(
      kind,
      ownableMembers(resource, live, writer.subresource),
      ownableMembers(resource, object, writer.subresource),
    )
    const changed: FieldSet = new Set([...added, ...modified])
    const conflicts = others.flatMap((owner) =>
      [...owner.fields]
        .filter((path) => changed.has(path))
        .sort()
        .map((path) => ({ owner, path })),
    )
    if (conflicts.length && !force) throw conflictError(conflicts)
    others = others.map((owner) => ({ ...owner, fields: subtract(owner.fields, changed) }))
    const dropped = [...subtract(current?.fields ?? new Set(), appliedSet)].sort()
    for (const path of dropped) {
      const shared = [...others, { fields: appliedSet }].some(({ fields }) =>
        [...fields].some((each) => each === path || each.startsWith(`${path}\u0000`)),
      )
      if (!shared) object = dropField(kind, object, path)
    }
  }
  const isUnchanged =
    current !== undefined &&
    isSameSet(current.fields, appliedSet) &&
    live !== undefined &&
    isSameExceptManagedFields(live, complete(object))
  const self: FieldOwner = {
    manager: writer.manager,
    operation: 'Apply',
    apiVersion,
    ...(writer.subresource ? { subresource: writer.subresource } : {}),
    time: isUnchanged ? current.time : writer.time,
    fields: appliedSet,
  }
  return { object, managedFields: formatManagedFields([...others, self]) }
}

const isSameExceptManagedFields = (one: JsonObject, other: JsonObject) => {
  const withoutManagedFields = (object: JsonObject) => ({
    ...object,
    metadata: { ...object.metadata, managedFields: undefined },
  })
  return isDeepStrictEqual(withoutManagedFields(one), withoutManagedFields(other))
}
