import type { Reply } from '../../http.ts'
import { invalid, KubeError, methodNotAllowed, noSuchPath, notSimulated, required } from '../errors.ts'
import { remove, settleFinalizers } from '../objects/deletion.ts'
import { groupVersion } from '../objects/resources.ts'
import { read } from '../objects/store.ts'
import { applyTo, checkBody, create, replace } from '../objects/writes.ts'
import type { KubeObject, Open } from '../state.ts'
import { listing } from './lists.ts'
import { isWatch } from './request-info.ts'
import { bodyOf, existing, ok, optionsOf, patchTypes, type Request, targetOf } from './resource-request.ts'
import { review } from './reviews.ts'
import { podLog, proxy, scale, token } from './subresources.ts'
import { table, wantsTable } from './table.ts'
import { watching } from './watch.ts'

function patch(request: Request): Reply {
  const { call, query, cloud, cluster } = request
  const type = (call.headers['content-type'] ?? '').split(';')[0]!.trim()
  if (type === 'application/apply-patch+yaml') {
    const target = targetOf(request, 'Apply')
    if (!call.query('fieldManager'))
      throw invalid({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', [
        required('fieldManager', 'is required for apply patch'),
      ])
    const body = checkBody(target, bodyOf(call), query.name)
    const { object, created } = applyTo(target, query.name, body, call.query('force') === 'true')
    return ok(object, created ? 201 : 200)
  }
  const change = patchTypes[type]
  if (!change)
    throw new KubeError(
      415,
      'UnsupportedMediaType',
      'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml',
      {},
    )
  const before = existing(request)
  const target = targetOf(request, 'Update')
  const asked = change(query.of.kind, structuredClone(before), call.json())
  const after = replace(target, before, checkBody(target, asked, query.name))
  if (!target.dryRun) settleFinalizers(cloud, cluster, query.of, after)
  return ok(after)
}

function update(request: Request): Reply {
  const { call, query, cloud, cluster } = request
  const target = targetOf(request, 'Update')
  const body = checkBody(target, bodyOf(call), query.name)
  const after = replace(target, existing(request), body)
  if (!target.dryRun) settleFinalizers(cloud, cluster, query.of, after)
  return ok(after)
}

function removeAll(request: Request): Reply {
  const { call, cluster, query } = request
  // Namespaces go one by one.
  if (query.of.kind === 'Namespace') throw methodNotAllowed()
  const { kind, apiVersion, metadata, items } = listing(call, cluster, query)
  const options = optionsOf(call)
  for (const { metadata } of items as KubeObject[]) {
    const found = read(cluster, query.of, metadata.namespace ?? '', metadata.name)
    if (found) remove({ ...targetOf(request, 'Update'), namespace: metadata.namespace ?? '' }, found, options)
  }
  return ok({ kind, apiVersion, metadata, items })
}

/** Ends a namespace that waits for its finalizer. */
function finalize(request: Request): Reply {
  const target = targetOf(request, 'Update')
  return ok(replace(target, existing(request), checkBody(target, bodyOf(request.call), request.query.name)))
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
function missing(request: Request): KubeError {
  const { of, subresource } = request.query
  const instead = of.kind === 'Pod' ? unsimulated[subresource] : undefined
  if (instead === undefined) return noSuchPath()
  existing(request)
  return notSimulated(`pods/${subresource}`, instead)
}

async function answerSubresource(request: Request): Promise<Reply> {
  const { call, query } = request
  if (!query.of.subresources.includes(query.subresource)) throw missing(request)
  if (query.subresource === 'token') return token(request)
  if (query.subresource === 'log') return podLog(request)
  if (query.subresource === 'proxy') return proxy(request)
  if (query.subresource === 'scale') return scale(request)
  if (query.subresource === 'finalize') return finalize(request)
  if (call.method === 'GET') return ok(existing(request))
  if (call.method === 'PUT') return update(request)
  if (call.method === 'PATCH') return patch(request)
  throw methodNotAllowed()
}

function tabled(request: Request): Open {
  const { cloud, cluster, call, query } = request
  const withObject = call.query('includeObject') === 'Object'
  const now = cloud.now()
  if (query.name) {
    const object = existing(request)
    const { resourceVersion } = object.metadata
    return table(query.of.kind, [object], { resourceVersion }, now, withObject)
  }
  const { metadata, items } = listing(call, cluster, query)
  // Whoever sorts by a field reads the objects one by one: each tells its kind.
  const whole = { kind: query.of.kind, apiVersion: groupVersion(query.of) }
  const objects = (items as KubeObject[]).map((item) => ({ ...whole, ...item }))
  return table(query.of.kind, objects, metadata, now, withObject)
}

/** Answers a request for a resource. Throws `KubeError` for what is refused. */
export async function answerResource(request: Request): Promise<Reply> {
  const { cloud, cluster, call, user, query } = request
  const { of, name, inNamespace } = query
  if (query.subresource) return answerSubresource(request)
  if (of.review) {
    if (call.method !== 'POST') throw methodNotAllowed()
    const body = bodyOf(call) as Open
    return ok(
      await review(cloud, cluster, user, of.kind, { apiVersion: `${of.group}/${of.version}`, ...body }),
      201,
    )
  }
  if (of.namespaced && !inNamespace && (name || call.method !== 'GET')) throw noSuchPath()
  if (call.method === 'GET') {
    if (isWatch(call)) return watching(cloud, cluster, call, query)
    return ok(
      wantsTable(call.headers.accept ?? '')
        ? tabled(request)
        : name
          ? existing(request)
          : listing(call, cluster, query),
    )
  }
  if (call.method === 'HEAD') return ok(existing(request))
  if (call.method === 'POST' && !name) {
    const target = targetOf(request, 'Update')
    const made = create(target, checkBody(target, bodyOf(call)))
    return ok(made, 201)
  }
  if (call.method === 'PUT' && name) return update(request)
  if (call.method === 'PATCH' && name) return patch(request)
  if (call.method === 'DELETE' && name) {
    const object = existing(request)
    return ok(remove(targetOf(request, 'Update'), object, optionsOf(call)))
  }
  if (call.method === 'DELETE' && (inNamespace || !of.namespaced)) return removeAll(request)
  throw methodNotAllowed()
}
