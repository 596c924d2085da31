import { parse } from 'yaml'
import type { Cloud } from '../../cloud.ts'
import type { Call, Reply } from '../../http.ts'
import type { User } from '../auth/tokens.ts'
import { badRequest, invalid, notFound } from '../errors.ts'
import { jsonPatch, mergePatch, strategicMerge } from '../objects/patches.ts'
import { read, timestamp } from '../objects/store.ts'
import type { Target } from '../objects/writes.ts'
import type { KubeCluster, KubeObject, Open } from '../state.ts'
import { fromProtobuf } from './protobuf.ts'
import type { Asked } from './request-info.ts'

/** One request for a resource, its caller known and permitted. */
export interface Request {
  cloud: Cloud
  cluster: KubeCluster
  call: Call
  user: User
  query: Asked
}

export const ok = (body: unknown, status = 200): Reply => ({ status, body })

/** The body as an object: JSON, or YAML where the client says so. */
export function bodyOf(call: Call): unknown {
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

export const optionsOf = (call: Call) => (call.body.length ? (bodyOf(call) as Open) : {})

/** Where the request writes, as whom, and whether it is a dry run. */
export function targetOf({ cloud, cluster, call, query }: Request, operation: 'Apply' | 'Update'): Target {
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

/** The object that the path names. Throws 404. */
export function existing({ cluster, query: { of, namespace, name } }: Request): KubeObject {
  const found = read(cluster, of, of.namespaced ? namespace : '', name)
  if (!found) throw notFound(of, name)
  return found
}

/** How each patch type changes an object. */
export const patchTypes: Record<string, (kind: string, before: Open, patch: unknown) => Open> = {
  'application/json-patch+json': (_, before, patch) => jsonPatch(before, patch),
  'application/merge-patch+json': (_, before, patch) => mergePatch(before, patch) as Open,
  'application/strategic-merge-patch+json': (kind, before, patch) =>
    strategicMerge(kind, '', before, patch) as Open,
}
