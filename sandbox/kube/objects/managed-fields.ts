import type { JsonObject } from '../state.ts'
import { compareFields, type FieldSet, fromFieldsV1, toFieldsV1 } from './field-sets.ts'
import { type ApiResource, groupVersion } from './resources.ts'

export interface Writer {
  manager: string
  operation: 'Apply' | 'Update'
  subresource?: string
  /** RFC 3339, for the entry's `time`. */
  time: string
}

/** A parsed entry of `managedFields`. */
export interface FieldOwner {
  manager: string
  operation: string
  apiVersion: string
  subresource?: string
  time: string
  fields: FieldSet
}

export const parseManagedFields = (object: JsonObject | undefined): FieldOwner[] =>
  ((object?.metadata.managedFields ?? []) as JsonObject[]).map((entry) => ({
    manager: entry.manager,
    operation: entry.operation,
    apiVersion: entry.apiVersion,
    ...(entry.subresource ? { subresource: entry.subresource } : {}),
    time: entry.time,
    fields: fromFieldsV1(entry.fieldsV1 ?? {}),
  }))

const sortKey = ({ operation, time, manager }: FieldOwner) => `${operation} ${time} ${manager}`

/** Returns `managedFields` as Kubernetes sorts it. Owners without fields are omitted. */
export const formatManagedFields = (all: FieldOwner[]) =>
  all
    .filter(({ fields }) => fields.size > 0)
    .sort((one, other) => (sortKey(one) < sortKey(other) ? -1 : 1))
    .map(({ manager, operation, apiVersion, time, fields, subresource }) => ({
      manager,
      operation,
      apiVersion,
      time,
      fieldsType: 'FieldsV1',
      fieldsV1: toFieldsV1(fields),
      ...(subresource ? { subresource } : {}),
    }))

/** Returns the members that can have an owner: none that the server sets, and only those that this write can change. */
export function ownableMembers(
  resource: ApiResource,
  object: JsonObject,
  subresource: string | undefined,
): JsonObject {
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
    ...writable
  } = metadata as JsonObject
  return {
    ...rest,
    ...(resource.status || !status ? {} : { status }),
    ...(Object.keys(writable).length ? { metadata: writable } : {}),
  }
}

export const isEntryOf = (writer: Writer, apiVersion: string) => (owner: FieldOwner) =>
  owner.manager === writer.manager &&
  owner.operation === writer.operation &&
  owner.apiVersion === apiVersion &&
  owner.subresource === writer.subresource

export const subtract = (set: FieldSet, ...others: FieldSet[]): FieldSet =>
  new Set([...set].filter((path) => !others.some((each) => each.has(path))))

export const isSameSet = (one: FieldSet, other: FieldSet) =>
  one.size === other.size && [...one].every((path) => other.has(path))

/** Returns `managedFields` after an update: the writer owns the fields that it changed. */
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
    before && ownableMembers(resource, before, subresource),
    ownableMembers(resource, after, subresource),
  )
  const changed: FieldSet = new Set([...added, ...modified])
  changed.delete('')
  const all = parseManagedFields(before ?? after)
  const current = all.find(isEntryOf(writer, apiVersion))
  const others = all
    .filter((owner) => owner !== current)
    .map((owner) => ({ ...owner, fields: subtract(owner.fields, changed, removed) }))
  const fields = subtract(new Set([...(current?.fields ?? []), ...changed]), removed)
  const isUntouched = changed.size === 0 && current !== undefined && isSameSet(fields, current.fields)
  const self: FieldOwner = {
    manager: writer.manager,
    operation: writer.operation,
    apiVersion,
    ...(subresource ? { subresource } : {}),
    time: isUntouched ? current.time : writer.time,
    fields,
  }
  return formatManagedFields([...others, self])
}
