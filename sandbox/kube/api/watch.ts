import { setTimeout as delay } from 'node:timers/promises'
import type { Call, Reply, StreamedBody } from '../../http.ts'
import type { Simulator } from '../../simulator.ts'
import { reconcile } from '../controllers/reconcile.ts'
import { KubeError } from '../errors.ts'
import { groupVersion } from '../objects/resources.ts'
import { listObjects, type WatchEvent, watchHistory } from '../objects/store.ts'
import { startDuePods } from '../pods/processes.ts'
import type { JsonObject, KubeCluster, StoredObject } from '../state.ts'
import { objectFilter } from './lists.ts'
import type { RequestInfo } from './request-info.ts'
import { toTable, wantsTable } from './table.ts'

/** How long a watch is kept that asks for no end of its own, in ms. */
const longest = 30 * 60_000
const bookmarkEvery = 60_000
const glance = 100

/** What an event means to a watch that sees some objects only: they may come into its sight, or leave it. */
function typeOf(
  { type, object, before }: WatchEvent,
  sees: (object: StoredObject) => boolean,
): WatchEvent['type'] | undefined {
  const had = before !== undefined && sees(before)
  const has = type !== 'DELETED' && sees(object)
  if (has) return had ? 'MODIFIED' : 'ADDED'
  return had ? 'DELETED' : undefined
}

/** What has happened since a resource version and what happens from now on, an object a line. */
export function watchReply(
  simulator: Simulator,
  cluster: KubeCluster,
  call: Call,
  query: RequestInfo,
): Reply {
  const sees = objectFilter(call, query)
  const { resource } = query
  const asked = call.query('resourceVersion') ?? ''
  const initial = call.query('sendInitialEvents') === 'true'
  const bookmarks = call.query('allowWatchBookmarks') === 'true'
  const asTable = wantsTable(call.headers.accept ?? '')
  const withObject = call.query('includeObject') === 'Object'
  const seconds = Number(call.query('timeoutSeconds') ?? 0)
  const lasts = seconds > 0 ? Math.min(longest, seconds * 1000) : longest

  const line = (type: string, object: JsonObject) => `${JSON.stringify({ type, object })}\n`
  const told = (type: string, object: StoredObject) =>
    line(
      type,
      asTable
        ? toTable(
            resource.kind,
            [object],
            { resourceVersion: object.metadata.resourceVersion },
            simulator.now(),
            withObject,
          )
        : object,
    )
  const bookmark = (version: number, end: boolean) =>
    line('BOOKMARK', {
      kind: resource.kind,
      apiVersion: groupVersion(resource),
      metadata: {
        resourceVersion: String(version),
        creationTimestamp: null,
        ...(end ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
      },
    })
  const tooOld = (version: number) =>
    line(
      'ERROR',
      new KubeError(410, 'Expired', `too old resource version: ${version} (${watchHistory(cluster).since})`)
        .status,
    )
  const isServed = () => simulator.state.clusters[cluster.fqdn.toLowerCase()] === cluster

  const body: StreamedBody = async function* (gone) {
    const fromNow = asked === '' || asked === '0' || initial
    let since = fromNow ? cluster.resourceVersion : Number(asked)
    if (fromNow) {
      for (const object of listObjects(cluster, resource).filter(sees)) yield told('ADDED', object)
      if (initial) yield bookmark(since, true)
    }
    const began = performance.now()
    let marked = began
    while (!gone.aborted && isServed()) {
      if (since < watchHistory(cluster).since) {
        yield tooOld(since)
        return
      }
      for (const event of watchHistory(cluster).events.filter(({ version }) => version > since)) {
        since = event.version
        const type = event.resource === resource ? typeOf(event, sees) : undefined
        if (type) yield told(type, event.object)
      }
      const now = performance.now()
      if (now - began >= lasts) return
      if (bookmarks && now - marked >= bookmarkEvery) {
        marked = now
        yield bookmark(since, false)
      }
      await delay(glance, undefined, { ref: false })
      if (gone.aborted || !isServed()) return
      // Time passes for the pods while someone looks on.
      if (resource.kind === 'Pod' || resource.group === 'apps' || resource.kind === 'Job')
        await startDuePods(simulator, cluster)
      reconcile(simulator, cluster)
    }
  }
  return { status: 200, headers: { 'content-type': 'application/json' }, body }
}
