import type { Call } from '../../http.ts'
import { badRequest, KubeError } from '../errors.ts'
import { groupVersion } from '../objects/resources.ts'
import { parseFieldSelector, parseLabelSelector } from '../objects/selectors.ts'
import { listObjects, watchHistory } from '../objects/store.ts'
import type { JsonObject, KubeCluster, StoredObject } from '../state.ts'
import type { RequestInfo } from './request-info.ts'

/** Returns the filter of a list or watch: name, namespace, label and field selectors. */
export function objectFilter(
  call: Call,
  { name, inNamespace, namespace }: RequestInfo,
): (object: StoredObject) => boolean {
  const labels = parseLabelSelector(call.query('labelSelector') ?? '')
  const fields = parseFieldSelector(call.query('fieldSelector') ?? '')
  return (object) =>
    (!name || object.metadata.name === name) &&
    (!inNamespace || object.metadata.namespace === namespace) &&
    labels(object.metadata.labels ?? {}) &&
    fields(object)
}

const expired = (message: string) => new KubeError(410, 'Expired', message)

/** Returns a list, or a page of it if the request has a `limit`. Throws 400 or 410 for a bad `continue` token. */
export function listPage(call: Call, cluster: KubeCluster, info: RequestInfo): JsonObject {
  const { resource, inNamespace, namespace } = info
  const objects = listObjects(cluster, resource, inNamespace ? namespace : undefined).filter(
    objectFilter(call, info),
  )
  const limit = Number(call.query('limit') ?? 0)
  const token = call.query('continue')
  let start = 0
  let version = String(cluster.resourceVersion)
  if (token) {
    const decoded = Buffer.from(token, 'base64url').toString()
    const found = /^(\d+):(\d+)$/.exec(decoded)
    if (!found) throw badRequest('continue key is not valid: illegal base64 data')
    version = found[1]!
    start = Number(found[2])
    if (Number(version) < watchHistory(cluster).since && Number(version) !== cluster.resourceVersion)
      throw expired(
        'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.',
      )
  }
  const page = limit > 0 ? objects.slice(start, start + limit) : objects.slice(start)
  const remaining = objects.length - start - page.length
  return {
    kind: `${resource.kind}List`,
    apiVersion: groupVersion(resource),
    metadata: {
      resourceVersion: version,
      ...(remaining > 0
        ? {
            continue: Buffer.from(`${version}:${start + page.length}`).toString('base64url'),
            remainingItemCount: remaining,
          }
        : {}),
    },
    items: page.map(({ kind: _k, apiVersion: _a, ...item }) => item),
  }
}
