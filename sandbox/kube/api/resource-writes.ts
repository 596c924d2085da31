import type { Reply } from '../../http.ts'
import { invalidObject, KubeError, methodNotAllowed, requiredField } from '../errors.ts'
import { applyObject } from '../objects/apply.ts'
import { checkBody } from '../objects/body.ts'
import { createObject } from '../objects/create.ts'
import { deleteObject, finishDeletion } from '../objects/deletion.ts'
import { getObject } from '../objects/store.ts'
import { updateObject } from '../objects/update.ts'
import type { WriteContext } from '../objects/write-context.ts'
import type { JsonObject, StoredObject } from '../state.ts'
import { listPage } from './lists.ts'
import {
  deleteOptions,
  jsonReply,
  parseBody,
  patchTypes,
  type ResourceRequest,
  requireObject,
  writeContext,
} from './resource-request.ts'

export function createOne(request: ResourceRequest): Reply {
  const context = writeContext(request, 'Update')
  return jsonReply(createObject(context, checkBody(context, parseBody(request.call))), 201)
}

/** Stores the update and, if the last finalizer is gone, finishes the deletion. */
function storeUpdate(
  { info, simulator, cluster }: ResourceRequest,
  context: WriteContext,
  before: StoredObject,
  next: JsonObject,
): Reply {
  const after = updateObject(context, before, next)
  if (!context.dryRun) finishDeletion(simulator, cluster, info.resource, after)
  return jsonReply(after)
}

export function updateOne(request: ResourceRequest): Reply {
  const context = writeContext(request, 'Update')
  const body = checkBody(context, parseBody(request.call), request.info.name)
  return storeUpdate(request, context, requireObject(request), body)
}

export function patchOne(request: ResourceRequest): Reply {
  const { call, info } = request
  const type = (call.headers['content-type'] ?? '').split(';')[0]!.trim()
  if (type === 'application/apply-patch+yaml') return applyOne(request)
  const applyPatch = patchTypes[type]
  // A custom resource has no Go struct whose tags say how lists are merged.
  if (!applyPatch || (info.resource.custom && type === 'application/strategic-merge-patch+json'))
    throw new KubeError(
      415,
      'UnsupportedMediaType',
      'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml',
      {},
    )
  const before = requireObject(request)
  const context = writeContext(request, 'Update')
  const patched = applyPatch(info.resource.kind, structuredClone(before), call.json())
  return storeUpdate(request, context, before, checkBody(context, patched, info.name))
}

function applyOne(request: ResourceRequest): Reply {
  const { call, info } = request
  const context = writeContext(request, 'Apply')
  if (!call.query('fieldManager'))
    throw invalidObject({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', [
      requiredField('fieldManager', 'is required for apply patch'),
    ])
  const body = checkBody(context, parseBody(call), info.name)
  const { object, created } = applyObject(context, info.name, body, call.query('force') === 'true')
  return jsonReply(object, created ? 201 : 200)
}

export function deleteOne(request: ResourceRequest): Reply {
  const object = requireObject(request)
  return jsonReply(deleteObject(writeContext(request, 'Update'), object, deleteOptions(request.call)))
}

export function deleteCollection(request: ResourceRequest): Reply {
  const { call, cluster, info } = request
  // The API server can't delete namespaces as a collection.
  if (info.resource.kind === 'Namespace') throw methodNotAllowed()
  const { kind, apiVersion, metadata, items } = listPage(call, cluster, info)
  const options = deleteOptions(call)
  for (const { metadata } of items as StoredObject[]) {
    const namespace = metadata.namespace ?? ''
    const found = getObject(cluster, info.resource, namespace, metadata.name)
    if (found) deleteObject({ ...writeContext(request, 'Update'), namespace }, found, options)
  }
  return jsonReply({ kind, apiVersion, metadata, items })
}

/** Handles `namespaces/{name}/finalize`: updates the finalizers of a namespace under deletion. */
export function finalize(request: ResourceRequest): Reply {
  const context = writeContext(request, 'Update')
  const before = requireObject(request)
  return jsonReply(
    updateObject(context, before, checkBody(context, parseBody(request.call), request.info.name)),
  )
}
