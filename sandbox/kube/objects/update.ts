import { isDeepStrictEqual } from 'node:util'
import { conflict } from '../errors.ts'
import type { JsonObject, StoredObject } from '../state.ts'
import { pruned } from './custom-schema.ts'
import { withObjectDefaults } from './defaults.ts'
import { recordUpdate } from './managed-fields.ts'
import { hasGeneration, setManagedFields, writableMetadata } from './metadata.ts'
import { type ApiResource, groupVersion } from './resources.ts'
import { storeObject } from './store.ts'
import { checkImmutable, validate } from './validation.ts'
import type { WriteContext } from './write-context.ts'

function checkPreconditions(resource: ApiResource, before: StoredObject, metadata: JsonObject): void {
  const { name, uid, resourceVersion } = before.metadata
  if (metadata.resourceVersion && metadata.resourceVersion !== resourceVersion) throw conflict(resource, name)
  if (metadata.uid && metadata.uid !== uid)
    throw conflict(
      resource,
      name,
      `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${uid}`,
    )
}

/** Returns the updated object: the client's members of `next`, all others as they were. */
function mergeUpdate(
  resource: ApiResource,
  before: StoredObject,
  next: JsonObject,
  onStatus: boolean,
): StoredObject {
  const {
    labels: _l,
    annotations: _a,
    ownerReferences: _o,
    finalizers: _f,
    managedFields: _mf,
    ...serverMetadata
  } = before.metadata
  const sent = { ...next, kind: resource.kind, metadata: { ...next.metadata, name: before.metadata.name } }
  const completed = resource.custom
    ? (pruned(sent, resource.custom.schema) as JsonObject)
    : withObjectDefaults(sent)
  const { kind: _k, apiVersion: _v, metadata: _m, status: nextStatus, ...nextContent } = completed
  const { kind: _bk, apiVersion: _bv, metadata: _bm, status: statusBefore, ...contentBefore } = before
  const status = onStatus || !resource.status ? nextStatus : statusBefore
  const object = {
    kind: resource.kind,
    apiVersion: groupVersion(resource),
    metadata: {
      ...serverMetadata,
      ...writableMetadata(onStatus ? before.metadata : completed.metadata),
    },
    ...inOrder(onStatus ? contentBefore : nextContent, contentBefore),
    ...(status === undefined ? {} : { status }),
  } as StoredObject
  if (resource.kind === 'Service' && !resource.custom && !onStatus && !object.spec.clusterIP)
    object.spec = { ...object.spec, clusterIP: before.spec.clusterIP, clusterIPs: before.spec.clusterIPs }
  return object
}

/**
 * Replaces `before` by `next`, except for what clients can't change. A write that changes nothing is not stored.
 * `managedFields` replaces the entry that an update would record. Throws 409 or 422.
 */
export function updateObject(
  context: WriteContext,
  before: StoredObject,
  next: JsonObject,
  managedFields?: JsonObject[],
): StoredObject {
  const { simulator, cluster, resource, writer, dryRun } = context
  checkPreconditions(resource, before, next.metadata ?? {})
  const onStatus = writer.subresource === 'status'
  const object = mergeUpdate(resource, before, next, onStatus)
  if (!onStatus) {
    validate(resource, object)
    checkImmutable(resource, before, object)
  }
  if (hasGeneration(resource) && !isDeepStrictEqual(contentOf(object), contentOf(before)))
    object.metadata.generation = (before.metadata.generation ?? 1) + 1
  const fields = managedFields ?? recordUpdate(resource, before, object, writer)
  const isUnchanged =
    isDeepStrictEqual(withoutManagedFields(object), withoutManagedFields(before)) &&
    (!managedFields || isDeepStrictEqual(fields, before.metadata.managedFields ?? []))
  if (isUnchanged) return before
  setManagedFields(object, fields)
  return dryRun ? object : storeObject(simulator, cluster, resource, object)
}

const contentOf = ({ metadata: _m, status: _s, ...content }: JsonObject) => content

const withoutManagedFields = (object: StoredObject) => ({
  ...object,
  metadata: { ...object.metadata, managedFields: undefined },
})

/** Returns `next` with its members in the order of `before`. */
const inOrder = (next: JsonObject, before: JsonObject): JsonObject => {
  const known = Object.keys(before).filter((key) => key in next)
  const keys = [...known, ...Object.keys(next).filter((key) => !known.includes(key))]
  return Object.fromEntries(keys.map((key) => [key, next[key]]))
}
