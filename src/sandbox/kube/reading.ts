import { setTimeout as delay } from 'node:timers/promises'
import type { Cloud } from '../cloud.ts'
import type { Call, Reply } from '../http.ts'
import { reconcile } from './controllers.ts'
import { bringUpAll } from './pods.ts'
import type { Asked } from './request.ts'
import { groupVersion } from './resources.ts'
import { fieldSelector, labelSelector } from './selectors.ts'
import type { KubeCluster, KubeObject, Open } from './state.ts'
import { badRequest, KubeError } from './status.ts'
import { history, list, type WatchEvent } from './store.ts'

/** How long a quiet watch is kept before it ends, as watches do; the client asks again. */
const quietWatch = 4000

function wanted(call: Call, { name, inNamespace, namespace }: Asked): (object: KubeObject) => boolean {
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
  const all = list(cluster, of, inNamespace ? namespace : undefined).filter(wanted(call, query))
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

const line = (type: string, object: Open) => `${JSON.stringify({ type, object })}\n`

const streamed = (lines: string[]): Reply => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: lines.join(''),
})

/**
 * What has happened since a resource version. Answers are whole here, so a watch waits for the first event (or a
 * few seconds), tells what there is and ends; clients watch on from there.
 */
export async function watching(cloud: Cloud, cluster: KubeCluster, call: Call, query: Asked): Promise<Reply> {
  const matches = wanted(call, query)
  const { of } = query
  const asked = call.query('resourceVersion') ?? ''
  const initial = call.query('sendInitialEvents') === 'true'
  if (asked === '' || asked === '0' || initial) {
    const lines = list(cluster, of)
      .filter(matches)
      .map((object) => line('ADDED', object))
    const bookmark = {
      kind: of.kind,
      apiVersion: groupVersion(of),
      metadata: {
        resourceVersion: String(cluster.resourceVersion),
        creationTimestamp: null,
        ...(initial ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
      },
    }
    if (initial) lines.push(line('BOOKMARK', bookmark))
    if (lines.length) return streamed(lines)
  }
  const since = Number(asked) || cluster.resourceVersion
  if (since < history(cluster).since)
    return streamed([
      line('ERROR', expired(`too old resource version: ${since} (${history(cluster).since})`).status),
    ])
  const news = () =>
    history(cluster).events.filter(
      (event: WatchEvent) => event.version > since && event.resource === of && matches(event.object),
    )
  const seconds = Number(call.query('timeoutSeconds') ?? 0)
  const until = performance.now() + Math.min(quietWatch, seconds > 0 ? seconds * 1000 : quietWatch)
  while (
    !news().length &&
    performance.now() < until &&
    cloud.world.clusters[cluster.fqdn.toLowerCase()] === cluster
  ) {
    await delay(100, undefined, { ref: false })
    if (of.kind === 'Pod' || of.group === 'apps' || of.kind === 'Job') await bringUpAll(cloud, cluster)
    reconcile(cloud, cluster)
  }
  return streamed(news().map((event) => line(event.type, event.object)))
}
