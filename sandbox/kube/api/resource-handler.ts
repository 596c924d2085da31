import type { Reply } from '../../http.ts'
import { type KubeError, methodNotAllowed, notSimulated, pathNotFound } from '../errors.ts'
import { groupVersion } from '../objects/resources.ts'
import type { JsonObject, StoredObject } from '../state.ts'
import { listPage } from './lists.ts'
import { isWatch } from './request-info.ts'
import { jsonReply, parseBody, type ResourceRequest, requireObject } from './resource-request.ts'
import { createOne, deleteCollection, deleteOne, finalize, patchOne, updateOne } from './resource-writes.ts'
import { answerReview } from './reviews.ts'
import { createToken, podLog, proxyRequest, scale } from './subresources.ts'
import { toTable, wantsTable } from './table.ts'
import { watchReply } from './watch.ts'

const needsContainer = 'pods run as local processes, not in containers'
const notSimulatedForPods: Record<string, string> = {
  exec: needsContainer,
  attach: needsContainer,
  ephemeralcontainers: needsContainer,
  resize: needsContainer,
  portforward: 'use the API server proxy, kubectl get --raw …/pods/NAME:PORT/proxy/PATH',
  eviction: 'delete the pod instead',
  binding: 'pods are scheduled immediately',
}

/** Returns the error for a subresource that is not simulated, or that does not exist. */
function subresourceError(request: ResourceRequest): KubeError {
  const { resource, subresource } = request.info
  const reason = resource.kind === 'Pod' ? notSimulatedForPods[subresource] : undefined
  if (reason === undefined) return pathNotFound()
  requireObject(request)
  return notSimulated(`pods/${subresource}`, reason)
}

const subresourceHandlers: Record<string, (request: ResourceRequest) => Reply | Promise<Reply>> = {
  token: createToken,
  log: podLog,
  proxy: proxyRequest,
  scale,
  finalize,
  status: handleStatus,
}

function handleStatus(request: ResourceRequest): Reply {
  const { method } = request.call
  if (method === 'GET') return jsonReply(requireObject(request))
  if (method === 'PUT') return updateOne(request)
  if (method === 'PATCH') return patchOne(request)
  throw methodNotAllowed()
}

function tableOf(request: ResourceRequest): JsonObject {
  const { simulator, cluster, call, info } = request
  const withObject = call.query('includeObject') === 'Object'
  const now = simulator.now()
  if (info.name) {
    const object = requireObject(request)
    const { resourceVersion } = object.metadata
    return toTable(info.resource.kind, [object], { resourceVersion }, now, withObject)
  }
  const { metadata, items } = listPage(call, cluster, info)
  // `kubectl get --sort-by` decodes the objects of a table one by one, so each needs its type.
  const type = { kind: info.resource.kind, apiVersion: groupVersion(info.resource) }
  const objects = (items as StoredObject[]).map((item) => ({ ...type, ...item }))
  return toTable(info.resource.kind, objects, metadata, now, withObject)
}

async function handleReview(request: ResourceRequest): Promise<Reply> {
  const { simulator, cluster, call, user, info } = request
  const { kind, group, version } = info.resource
  if (call.method !== 'POST') throw methodNotAllowed()
  const body = parseBody(call) as JsonObject
  const apiVersion = `${group}/${version}`
  return jsonReply(await answerReview(simulator, cluster, user, kind, { apiVersion, ...body }), 201)
}

function read(request: ResourceRequest): Reply {
  const { simulator, cluster, call, info } = request
  if (isWatch(call)) return watchReply(simulator, cluster, call, info)
  if (wantsTable(call.headers.accept ?? '')) return jsonReply(tableOf(request))
  return jsonReply(info.name ? requireObject(request) : listPage(call, cluster, info))
}

/** Handles a request for a resource. Throws `KubeError`. */
export async function handleResource(request: ResourceRequest): Promise<Reply> {
  const { call, info } = request
  const { resource, name, inNamespace, subresource } = info
  if (subresource) {
    const handler = resource.subresources.includes(subresource) && subresourceHandlers[subresource]
    if (!handler) throw subresourceError(request)
    return handler(request)
  }
  if (resource.review) return handleReview(request)
  if (resource.namespaced && !inNamespace && (name || call.method !== 'GET')) throw pathNotFound()
  if (call.method === 'GET') return read(request)
  if (call.method === 'HEAD') return jsonReply(requireObject(request))
  if (call.method === 'POST' && !name) return createOne(request)
  if (call.method === 'PUT' && name) return updateOne(request)
  if (call.method === 'PATCH' && name) return patchOne(request)
  if (call.method === 'DELETE' && name) return deleteOne(request)
  if (call.method === 'DELETE' && (inNamespace || !resource.namespaced)) return deleteCollection(request)
  throw methodNotAllowed()
}
