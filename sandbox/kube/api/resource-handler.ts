import type { Reply } from '../../http.ts'
import {
  invalidObject,
  KubeError,
  methodNotAllowed,
  notSimulated,
  pathNotFound,
  requiredField,
} from '../errors.ts'
import { applyObject } from '../objects/apply.ts'
import { checkBody } from '../objects/body.ts'
import { createObject } from '../objects/create.ts'
import { deleteObject, finishDeletion } from '../objects/deletion.ts'
import { groupVersion } from '../objects/resources.ts'
import { getObject } from '../objects/store.ts'
import { updateObject } from '../objects/update.ts'
import type { JsonObject, StoredObject } from '../state.ts'
import { listPage } from './lists.ts'
import { isWatch } from './request-info.ts'
import {
  deleteOptions,
  jsonReply,
  parseBody,
  patchTypes,
  type ResourceRequest,
  requireObject,
  writeContext,
} from './resource-request.ts'
import { answerReview } from './reviews.ts'
import { createToken, podLog, proxyRequest, scale } from './subresources.ts'
import { toTable, wantsTable } from './table.ts'
import { watchReply } from './watch.ts'

function patch(request: ResourceRequest): Reply {
  const { call, info, simulator, cluster } = request
  const type = (call.headers['content-type'] ?? '').split(';')[0]!.trim()
  if (type === 'application/apply-patch+yaml') {
    const target = writeContext(request, 'Apply')
    if (!call.query('fieldManager'))
      throw invalidObject({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', [
        requiredField('fieldManager', 'is required for apply patch'),
      ])
    const body = checkBody(target, parseBody(call), info.name)
    const { object, created } = applyObject(target, info.name, body, call.query('force') === 'true')
    return jsonReply(object, created ? 201 : 200)
  }
  const change = patchTypes[type]
  if (!change)
    throw new KubeError(
      415,
      'UnsupportedMediaType',
      'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml',
      {},
    )
  const before = requireObject(request)
  const target = writeContext(request, 'Update')
  const asked = change(info.resource.kind, structuredClone(before), call.json())
  const after = updateObject(target, before, checkBody(target, asked, info.name))
  if (!target.dryRun) finishDeletion(simulator, cluster, info.resource, after)
  return jsonReply(after)
}

function update(request: ResourceRequest): Reply {
  const { call, info, simulator, cluster } = request
  const target = writeContext(request, 'Update')
  const body = checkBody(target, parseBody(call), info.name)
  const after = updateObject(target, requireObject(request), body)
  if (!target.dryRun) finishDeletion(simulator, cluster, info.resource, after)
  return jsonReply(after)
}

function removeAll(request: ResourceRequest): Reply {
  const { call, cluster, info } = request
  // Namespaces go one by one.
  if (info.resource.kind === 'Namespace') throw methodNotAllowed()
  const { kind, apiVersion, metadata, items } = listPage(call, cluster, info)
  const options = deleteOptions(call)
  for (const { metadata } of items as StoredObject[]) {
    const found = getObject(cluster, info.resource, metadata.namespace ?? '', metadata.name)
    if (found)
      deleteObject(
        { ...writeContext(request, 'Update'), namespace: metadata.namespace ?? '' },
        found,
        options,
      )
  }
  return jsonReply({ kind, apiVersion, metadata, items })
}

/** Ends a namespace that waits for its finalizer. */
function finalize(request: ResourceRequest): Reply {
  const target = writeContext(request, 'Update')
  return jsonReply(
    updateObject(
      target,
      requireObject(request),
      checkBody(target, parseBody(request.call), request.info.name),
    ),
  )
}

const noContainers = 'its pods run no containers'
const unsimulated: Record<string, string> = {
  exec: noContainers,
  attach: noContainers,
  ephemeralcontainers: noContainers,
  resize: noContainers,
  portforward: 'ask through the API server instead, kubectl get --raw …/pods/NAME:PORT/proxy/PATH',
  eviction: 'delete the pod instead',
  binding: 'its pods are given nodes at once',
}

/** A part that pods do have, but not here; or no part at all. */
function missing(request: ResourceRequest): KubeError {
  const { resource, subresource } = request.info
  const instead = resource.kind === 'Pod' ? unsimulated[subresource] : undefined
  if (instead === undefined) return pathNotFound()
  requireObject(request)
  return notSimulated(`pods/${subresource}`, instead)
}

async function answerSubresource(request: ResourceRequest): Promise<Reply> {
  const { call, info } = request
  if (!info.resource.subresources.includes(info.subresource)) throw missing(request)
  if (info.subresource === 'token') return createToken(request)
  if (info.subresource === 'log') return podLog(request)
  if (info.subresource === 'proxy') return proxyRequest(request)
  if (info.subresource === 'scale') return scale(request)
  if (info.subresource === 'finalize') return finalize(request)
  if (call.method === 'GET') return jsonReply(requireObject(request))
  if (call.method === 'PUT') return update(request)
  if (call.method === 'PATCH') return patch(request)
  throw methodNotAllowed()
}

function tabled(request: ResourceRequest): JsonObject {
  const { simulator, cluster, call, info } = request
  const withObject = call.query('includeObject') === 'Object'
  const now = simulator.now()
  if (info.name) {
    const object = requireObject(request)
    const { resourceVersion } = object.metadata
    return toTable(info.resource.kind, [object], { resourceVersion }, now, withObject)
  }
  const { metadata, items } = listPage(call, cluster, info)
  // Whoever sorts by a field reads the objects one by one: each tells its kind.
  const whole = { kind: info.resource.kind, apiVersion: groupVersion(info.resource) }
  const objects = (items as StoredObject[]).map((item) => ({ ...whole, ...item }))
  return toTable(info.resource.kind, objects, metadata, now, withObject)
}

/** Answers a request for a resource. Throws `KubeError` for what is refused. */
export async function handleResource(request: ResourceRequest): Promise<Reply> {
  const { simulator, cluster, call, user, info } = request
  const { resource, name, inNamespace } = info
  if (info.subresource) return answerSubresource(request)
  if (resource.review) {
    if (call.method !== 'POST') throw methodNotAllowed()
    const body = parseBody(call) as JsonObject
    return jsonReply(
      await answerReview(simulator, cluster, user, resource.kind, {
        apiVersion: `${resource.group}/${resource.version}`,
        ...body,
      }),
      201,
    )
  }
  if (resource.namespaced && !inNamespace && (name || call.method !== 'GET')) throw pathNotFound()
  if (call.method === 'GET') {
    if (isWatch(call)) return watchReply(simulator, cluster, call, info)
    return jsonReply(
      wantsTable(call.headers.accept ?? '')
        ? tabled(request)
        : name
          ? requireObject(request)
          : listPage(call, cluster, info),
    )
  }
  if (call.method === 'HEAD') return jsonReply(requireObject(request))
  if (call.method === 'POST' && !name) {
    const target = writeContext(request, 'Update')
    const made = createObject(target, checkBody(target, parseBody(call)))
    return jsonReply(made, 201)
  }
  if (call.method === 'PUT' && name) return update(request)
  if (call.method === 'PATCH' && name) return patch(request)
  if (call.method === 'DELETE' && name) {
    const object = requireObject(request)
    return jsonReply(deleteObject(writeContext(request, 'Update'), object, deleteOptions(call)))
  }
  if (call.method === 'DELETE' && (inNamespace || !resource.namespaced)) return removeAll(request)
  throw methodNotAllowed()
}
