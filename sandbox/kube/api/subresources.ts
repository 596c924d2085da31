import type { Call, Reply, StreamedBody } from '../../http.ts'
import { requestToken } from '../auth/tokens.ts'
import { badRequest, methodNotAllowed } from '../errors.ts'
import { checkFieldTypes } from '../objects/field-types.ts'
import { isMap } from '../objects/patches.ts'
import { updateObject } from '../objects/update.ts'
import { containerLog, followLog } from '../pods/processes.ts'
import type { JsonObject, StoredObject } from '../state.ts'
import { proxyName, proxyPod, proxyService } from './proxy.ts'
import {
  jsonReply,
  parseBody,
  patchTypes,
  type ResourceRequest,
  requireObject,
  writeContext,
} from './resource-request.ts'

function scaleOf(object: StoredObject): JsonObject {
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

/** Handles `…/scale`: reads or sets the number of replicas. */
export function scale(request: ResourceRequest): Reply {
  const { call, info } = request
  const object = requireObject(request)
  if (call.method === 'GET') return jsonReply(scaleOf(object))
  const applyPatch =
    call.method === 'PUT' ? undefined : patchTypes[(call.headers['content-type'] ?? '').split(';')[0]!]
  const newScale =
    call.method === 'PUT'
      ? call.json<JsonObject>()
      : applyPatch?.(info.resource.kind, scaleOf(object), call.json())
  if (!isMap(newScale)) throw methodNotAllowed()
  checkFieldTypes(info.resource, { spec: newScale.spec ?? {} })
  const context = writeContext(request, 'Update')
  delete context.writer.subresource
  return jsonReply(
    scaleOf(
      updateObject(context, object, {
        ...object,
        spec: { ...object.spec, replicas: newScale.spec?.replicas ?? 0 },
      }),
    ),
  )
}

/** Handles `serviceaccounts/{name}/token`. */
export async function createToken(request: ResourceRequest): Promise<Reply> {
  const { simulator, cluster, call } = request
  if (call.method !== 'POST') throw methodNotAllowed()
  const { object, warning } = await requestToken(
    simulator,
    cluster,
    requireObject(request),
    parseBody(call) as JsonObject,
  )
  return {
    status: 201,
    headers: warning ? { warning: `299 - ${JSON.stringify(warning)}` } : {},
    body: object,
  }
}

/** Handles `pods/{name}/log`. Throws 400 until the container has started. */
export async function podLog(request: ResourceRequest): Promise<Reply> {
  const { simulator, cluster, call } = request
  const pod = requireObject(request)
  const names = (pod.spec.containers as JsonObject[]).map((each) => each.name as string)
  const requestedContainer = call.query('container')
  if (requestedContainer === undefined && names.length > 1)
    throw badRequest(
      `a container name must be specified for pod ${pod.metadata.name}, choose one of: [${names.join(' ')}]`,
    )
  const container = requestedContainer ?? names[0]!
  if (!names.includes(container))
    throw badRequest(`container ${container} is not valid for pod ${pod.metadata.name}`)
  const state = ((pod.status?.containerStatuses ?? []) as JsonObject[]).find(
    (each) => each.name === container,
  )?.state
  if (!state || state.waiting?.reason === 'ContainerCreating')
    throw badRequest(
      `container ${JSON.stringify(container)} in pod ${JSON.stringify(pod.metadata.name)} is waiting to start: ContainerCreating`,
    )
  const previous = call.query('previous') === 'true'
  if (previous && !cluster.pods[pod.metadata.uid]?.ended?.[container])
    throw badRequest(
      `previous terminated container ${JSON.stringify(container)} in pod ${JSON.stringify(pod.metadata.name)} not found`,
    )
  const text = await containerLog(simulator, cluster, pod, container, previous)
  const tail = Number(call.query('tailLines') ?? Number.NaN)
  const lines = text.split('\n')
  const body = Number.isNaN(tail) ? text : lines.slice(-tail - (lines.at(-1) === '' ? 1 : 0)).join('\n')
  const headers = { 'content-type': 'text/plain' }
  const ended = state.terminated !== undefined
  if (call.query('follow') !== 'true' || previous || ended) return { status: 200, headers, body }
  const followed = await followLog(simulator, cluster, pod, container)
  const logThenFollow: StreamedBody = async function* (gone) {
    if (body) yield body
    yield* followed(gone)
  }
  return { status: 200, headers, body: logThenFollow }
}

/** Returns the path after `…/proxy`, still percent-encoded. */
function proxyPath(call: Call): string {
  const found = /\/(?:services|pods)\/[^/]+\/proxy(\/.*)?$/.exec(call.url.pathname)
  return found?.[1] ?? '/'
}

/** Handles `…/proxy/{path}` of services and pods. */
export function proxyRequest(request: ResourceRequest): Promise<Reply> {
  const { simulator, cluster, call, info } = request
  const { name, port } = proxyName(info.name)
  const object = requireObject({ ...request, info: { ...info, name } })
  const sendThrough = info.resource.kind === 'Service' ? proxyService : proxyPod
  return sendThrough(simulator, cluster, call, object, port, proxyPath(call))
}
