import { parse } from 'yaml'
import type { Call, Reply } from '../../http.ts'
import type { Simulator } from '../../simulator.ts'
import type { User } from '../auth/tokens.ts'
import { badRequest, invalidObject, notFound } from '../errors.ts'
import { jsonPatch, mergePatch, strategicMerge } from '../objects/patches.ts'
import { formatTime, getObject } from '../objects/store.ts'
import type { WriteContext } from '../objects/write-context.ts'
import type { JsonObject, KubeCluster, StoredObject } from '../state.ts'
import { fromProtobuf } from './protobuf.ts'
import type { RequestInfo } from './request-info.ts'

/** An authenticated and authorized request for a resource. */
export interface ResourceRequest {
  simulator: Simulator
  cluster: KubeCluster
  call: Call
  user: User
  info: RequestInfo
}

export const jsonReply = (body: unknown, status = 200): Reply => ({ status, body })

/** Parses the body as JSON, YAML or protobuf, depending on its content type. Throws 400 or 415. */
export function parseBody(call: Call): unknown {
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

export const deleteOptions = (call: Call) => (call.body.length ? (parseBody(call) as JsonObject) : {})

/** Returns the write context of a request. Throws 422 for an unknown `dryRun`. */
export function writeContext(
  { simulator, cluster, call, info }: ResourceRequest,
  operation: 'Apply' | 'Update',
): WriteContext {
  const dryRun = call.query('dryRun')
  if (dryRun !== undefined && dryRun !== 'All')
    throw invalidObject({ group: 'meta.k8s.io', kind: 'CreateOptions' }, '', [
      {
        reason: 'FieldValueInvalid',
        message: `Unsupported value: ${JSON.stringify(dryRun)}: supported values: "All"`,
        field: 'dryRun',
      },
    ])
  const agent = (call.headers['user-agent'] ?? 'unknown').split('/')[0]!
  return {
    simulator,
    cluster,
    resource: info.resource,
    namespace: info.namespace,
    writer: {
      manager: (call.query('fieldManager') || agent).slice(0, 128),
      operation,
      time: formatTime(simulator.now()),
      ...(['status', 'scale'].includes(info.subresource) ? { subresource: info.subresource } : {}),
    },
    dryRun: dryRun === 'All',
  }
}

/** Returns the object that the path names. Throws 404. */
export function requireObject({
  cluster,
  info: { resource, namespace, name },
}: ResourceRequest): StoredObject {
  const found = getObject(cluster, resource, resource.namespaced ? namespace : '', name)
  if (!found) throw notFound(resource, name)
  return found
}

/** Patch functions by content type. */
export const patchTypes: Record<string, (kind: string, before: JsonObject, patch: unknown) => JsonObject> = {
  'application/json-patch+json': (_, before, patch) => jsonPatch(before, patch),
  'application/merge-patch+json': (_, before, patch) => mergePatch(before, patch) as JsonObject,
  'application/strategic-merge-patch+json': (kind, before, patch) =>
    strategicMerge(kind, '', before, patch) as JsonObject,
}
