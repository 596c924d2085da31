import { setTimeout as delay } from 'node:timers/promises'
import type { Call, Reply, StreamedBody } from '../../http.ts'
import type { Simulator } from '../../simulator.ts'
import { advanceCluster } from '../controllers/advance.ts'
import type { ApiResource } from '../objects/resources.ts'
import { listObjects, type WatchEvent, watchHistory } from '../objects/store.ts'
import type { JsonObject, KubeCluster, StoredObject } from '../state.ts'
import { objectFilter } from './lists.ts'
import type { RequestInfo } from './request-info.ts'
import { toTable, wantsTable } from './table.ts'
import { bookmarkLine, eventLine, expiredLine } from './watch-lines.ts'

/** Maximum and default duration of a watch, in ms. */
const maxDuration = 30 * 60_000
const bookmarkEvery = 60_000
const pollInterval = 100

/** Returns the event type for a filtered watch, in which a change can add or remove an object. */
function eventTypeFor(
  { type, object, before }: WatchEvent,
  matches: (object: StoredObject) => boolean,
): WatchEvent['type'] | undefined {
  const matchedBefore = before !== undefined && matches(before)
  const matchesNow = type !== 'DELETED' && matches(object)
  if (matchesNow) return matchedBefore ? 'MODIFIED' : 'ADDED'
  return matchedBefore ? 'DELETED' : undefined
}

interface WatchOptions {
  /** Version to start from; `undefined` starts with the current objects. */
  since: number | undefined
  initialEvents: boolean
  bookmarks: boolean
  /** In ms. */
  duration: number
}

function watchOptions(call: Call): WatchOptions {
  const version = call.query('resourceVersion') ?? ''
  const initialEvents = call.query('sendInitialEvents') === 'true'
  const seconds = Number(call.query('timeoutSeconds') ?? 0)
  return {
    since: version === '' || version === '0' || initialEvents ? undefined : Number(version),
    initialEvents,
    bookmarks: call.query('allowWatchBookmarks') === 'true',
    duration: seconds > 0 ? Math.min(maxDuration, seconds * 1000) : maxDuration,
  }
}

/** Returns a function that formats an object as the client requested: as it is, or as a table. */
function rowFormat(simulator: Simulator, call: Call, { kind }: ApiResource) {
  if (!wantsTable(call.headers.accept ?? '')) return (object: StoredObject): JsonObject => object
  const withObject = call.query('includeObject') === 'Object'
  return (object: StoredObject): JsonObject => {
    const { resourceVersion } = object.metadata
    return toTable(kind, [object], { resourceVersion }, simulator.now(), withObject)
  }
}

/** Streams the changes since a resource version as JSON lines, until the watch times out. */
export function watchReply(simulator: Simulator, cluster: KubeCluster, call: Call, info: RequestInfo): Reply {
  const matches = objectFilter(call, info)
  const { resource } = info
  const options = watchOptions(call)
  const format = rowFormat(simulator, call, resource)
  const isServed = () => simulator.state.clusters[cluster.fqdn.toLowerCase()] === cluster

  const body: StreamedBody = async function* (gone) {
    let since = options.since ?? cluster.resourceVersion
    if (options.since === undefined) {
      for (const object of listObjects(cluster, resource).filter(matches))
        yield eventLine('ADDED', format(object))
      if (options.initialEvents) yield bookmarkLine(resource, since, true)
    }
    const startedAt = performance.now()
    let lastBookmarkAt = startedAt
    while (!gone.aborted && isServed()) {
      const history = watchHistory(cluster)
      if (since < history.since) {
        yield expiredLine(since, history.since)
        return
      }
      for (const event of history.events.filter(({ version }) => version > since)) {
        since = event.version
        const type = event.resource === resource ? eventTypeFor(event, matches) : undefined
        if (type) yield eventLine(type, format(event.object))
      }
      const now = performance.now()
      if (now - startedAt >= options.duration) return
      if (options.bookmarks && now - lastBookmarkAt >= bookmarkEvery) {
        lastBookmarkAt = now
        yield bookmarkLine(resource, since, false)
      }
      await delay(pollInterval, undefined, { ref: false })
      if (gone.aborted || !isServed()) return
      // Controllers run only when something asks: let time pass for the watched objects.
      const runPods = resource.kind === 'Pod' || resource.group === 'apps' || resource.kind === 'Job'
      await advanceCluster(simulator, cluster, runPods)
    }
  }
  return { status: 200, headers: { 'content-type': 'application/json' }, body }
}
