import type { Call } from '../../http.ts'
import { badRequest, KubeError } from '../errors.ts'
import { groupVersion } from '../objects/resources.ts'
import { fieldSelector, labelSelector } from '../objects/selectors.ts'
import { history, list } from '../objects/store.ts'
import type { KubeCluster, KubeObject, Open } from '../state.ts'
import type { Asked } from './request-info.ts'

/** Which objects a list or a watch is about. */
export function matching(
  call: Call,
  { name, inNamespace, namespace }: Asked,
): (object: KubeObject) => boolean {
  const labels = labelSelector(call.query('labelSelector') ?? '')
  const fields = fieldSelector(call.query('fieldSelector') ?? '')
  return (object) =>
    (!name || object.metadata.name === name) &&
    (!inNamespace || object.metadata.namespace === namespace) &&
    labels(object.metadata.labels ?? {}) &&
    fields(object)
}

const expired = (message: string) => new KubeError(410, 'Expired', message)

/** A list, in pages of `limit` when asked for. */
export function listing(call: Call, cluster: KubeCluster, query: Asked): Open {
  const { of, inNamespace, namespace } = query
  const all = list(cluster, of, inNamespace ? namespace : undefined).filter(matching(call, query))
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
    if (Number(version) < history(cluster).since && Number(version) !== cluster.resourceVersion)
      throw expired(
        'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.',
      )
  }
  const page = limit > 0 ? all.slice(start, start + limit) : all.slice(start)
  const left = all.length - start - page.length
  return {
    kind: `${of.kind}List`,
    apiVersion: groupVersion(of),
    metadata: {
      resourceVersion: version,
      ...(left > 0
        ? {
            continue: Buffer.from(`${version}:${start + page.length}`).toString('base64url'),
            remainingItemCount: left,
          }
        : {}),
    },
    items: page.map(({ kind: _k, apiVersion: _a, ...item }) => item),
  }
}
