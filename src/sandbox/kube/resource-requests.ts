import { parse } from 'yaml'
import type { Cloud } from '../cloud.ts'
import type { Call, Reply } from '../http.ts'
import { isMap, jsonPatch, mergePatch, strategicMerge } from './patches.ts'
import { logOf } from './pods.ts'
import { fromProtobuf } from './protobuf.ts'
import { proxyName, proxyPod, proxyService } from './proxy.ts'
import { listing, watching } from './reading.ts'
import { remove, settleFinalizers } from './removal.ts'
import { type Asked, isWatch } from './request.ts'
import { review } from './reviews.ts'
import type { KubeCluster, KubeObject, Open } from './state.ts'
import { badRequest, invalid, KubeError, methodNotAllowed, noSuchPath, notFound, required } from './status.ts'
import { read, timestamp } from './store.ts'
import { requestToken, type User } from './tokens.ts'
import { applyTo, checkBody, create, replace, type Target } from './writes.ts'

/** One request for a resource, its caller known and permitted. */
export interface Request {
  cloud: Cloud
  cluster: KubeCluster
  call: Call
  user: User
  query: Asked
}

const ok = (body: unknown, status = 200): Reply => ({ status, body })

/** The body as an object: JSON, or YAML where the client says so. */
function bodyOf(call: Call): unknown {
  const type = (call.headers['content-type'] ?? '').split(';')[0]!.trim()
  if (type.endsWith('yaml')) {
    try {
      return parse(call.body.toString('utf8'))
    } catch (error) {
      throw badRequest(`error decoding YAML: ${(error as Error).message}`)
    }
  }
  if (type === 'application/vnd.kubernetes.protobuf') return fromProtobuf(call.body)
  return call.json()
}

const optionsOf = (call: Call) => (call.body.length ? (bodyOf(call) as Open) : {})

function targetOf({ cloud, cluster, call, query }: Request, operation: 'Apply' | 'Update'): Target {
  const dryRun = call.query('dryRun')
  if (dryRun !== undefined && dryRun !== 'All')
    throw invalid({ group: 'meta.k8s.io', kind: 'CreateOptions' }, '', [
      {
        reason: 'FieldValueInvalid',
        message: `Unsupported value: ${JSON.stringify(dryRun)}: supported values: "All"`,
        field: 'dryRun',
      },
    ])
  const agent = (call.headers['user-agent'] ?? 'unknown').split('/')[0]!
  return {
    cloud,
    cluster,
    of: query.of,
    namespace: query.namespace,
    writer: {
      manager: (call.query('fieldManager') || agent).slice(0, 128),
      operation,
      time: timestamp(cloud.now()),
      ...(['status', 'scale'].includes(query.subresource) ? { subresource: query.subresource } : {}),
    },
    dryRun: dryRun === 'All',
  }
}

function existing({ cluster, query: { of, namespace, name } }: Request): KubeObject {
  const found = read(cluster, of, of.namespaced ? namespace : '', name)
  if (!found) throw notFound(of, name)
  return found
}

const patchTypes: Record<string, (kind: string, before: Open, patch: unknown) => Open> = {
  'application/json-patch+json': (_, before, patch) => jsonPatch(before, patch),
  'application/merge-patch+json': (_, before, patch) => mergePatch(before, patch) as Open,
  'application/strategic-merge-patch+json': (kind, before, patch) =>
    strategicMerge(kind, '', before, patch) as Open,
}

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
  const { kind, apiVersion, metadata, items } = listing(call, cluster, query)
  const options = optionsOf(call)
  for (const { metadata } of items as KubeObject[]) {
    const found = read(cluster, query.of, metadata.namespace ?? '', metadata.name)
    if (found) remove({ ...targetOf(request, 'Update'), namespace: metadata.namespace ?? '' }, found, options)
  }
  return ok({ kind, apiVersion, metadata, items })
}

function scaleOf(object: KubeObject): Open {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: object.spec.replicas },
    status: {
      replicas: object.status?.replicas ?? 0,
      selector: Object.entries(object.spec.selector.matchLabels ?? {})
        .map(([key, value]) => `${key}=${value}`)
        .join(','),
    },
  }
}

function scale(request: Request): Reply {
  const { call, query } = request
  const object = existing(request)
  if (call.method === 'GET') return ok(scaleOf(object))
  const change =
    call.method === 'PUT' ? undefined : patchTypes[(call.headers['content-type'] ?? '').split(';')[0]!]
  const wanted =
    call.method === 'PUT' ? call.json<Open>() : change?.(query.of.kind, scaleOf(object), call.json())
  if (!isMap(wanted)) throw methodNotAllowed()
  const target = { ...targetOf(request, 'Update'), writer: { ...targetOf(request, 'Update').writer } }
  delete target.writer.subresource
  return ok(
    scaleOf(replace(target, object, { ...object, spec: { ...object.spec, replicas: wanted.spec.replicas } })),
  )
}

async function token(request: Request): Promise<Reply> {
  const { cloud, cluster, call } = request
  if (call.method !== 'POST') throw methodNotAllowed()
  const { object, warning } = await requestToken(cloud, cluster, existing(request), bodyOf(call) as Open)
  return {
    status: 201,
    headers: warning ? { warning: `299 - ${JSON.stringify(warning)}` } : {},
    body: object,
  }
}

async function podLog(request: Request): Promise<Reply> {
  const { cloud, cluster, call } = request
  const pod = existing(request)
  const names = (pod.spec.containers as Open[]).map((each) => each.name as string)
  const asked = call.query('container')
  if (asked === undefined && names.length > 1)
    throw badRequest(
      `a container name must be specified for pod ${pod.metadata.name}, choose one of: [${names.join(' ')}]`,
    )
  const container = asked ?? names[0]!
  if (!names.includes(container))
    throw badRequest(`container ${container} is not valid for pod ${pod.metadata.name}`)
  const state = ((pod.status?.containerStatuses ?? []) as Open[]).find(
    (each) => each.name === container,
  )?.state
  if (!state || state.waiting?.reason === 'ContainerCreating')
    throw badRequest(
      `container ${JSON.stringify(container)} in pod ${JSON.stringify(pod.metadata.name)} is waiting to start: ContainerCreating`,
    )
  const text = await logOf(cloud, cluster, pod, container, call.query('previous') === 'true')
  const tail = Number(call.query('tailLines') ?? Number.NaN)
  const lines = text.split('\n')
  const body = Number.isNaN(tail) ? text : lines.slice(-tail - (lines.at(-1) === '' ? 1 : 0)).join('\n')
  return { status: 200, headers: { 'content-type': 'text/plain' }, body }
}

/** The path behind `…/proxy`, as the caller wrote it. */
function proxied(call: Call): string {
  const found = /\/(?:services|pods)\/[^/]+\/proxy(\/.*)?$/.exec(call.url.pathname)
  return found?.[1] ?? '/'
}

function proxy(request: Request): Promise<Reply> {
  const { cloud, cluster, call, query } = request
  const { name, port } = proxyName(query.name)
  const object = existing({ ...request, query: { ...query, name } })
  const through = query.of.kind === 'Service' ? proxyService : proxyPod
  return through(cloud, cluster, call, object, port, proxied(call))
}

/** Ends a namespace that waits for its finalizer. */
function finalize(request: Request): Reply {
  const target = targetOf(request, 'Update')
  return ok(replace(target, existing(request), checkBody(target, bodyOf(request.call), request.query.name)))
}

async function answerSubresource(request: Request): Promise<Reply> {
  const { call, query } = request
  if (!query.of.subresources.includes(query.subresource)) throw noSuchPath()
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
    return ok(name ? existing(request) : listing(call, cluster, query))
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
