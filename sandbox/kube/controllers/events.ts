import type { Simulator } from '../../simulator.ts'
import { resourceForKind } from '../objects/resources.ts'
import { eraseObject, formatTime, listObjects, storeObject } from '../objects/store.ts'
import type { KubeCluster, StoredObject } from '../state.ts'
import { newObject } from './bootstrap.ts'

/** Tells in the object's namespace what happened to it; the same thing is told once. */
export function recordEvent(
  simulator: Simulator,
  cluster: KubeCluster,
  about: StoredObject,
  details: { type: 'Normal' | 'Warning'; reason: string; message: string; component: string },
): void {
  const { name, namespace = 'default', uid, resourceVersion } = about.metadata
  const told = listObjects(cluster, resourceForKind('Event'), namespace).some(
    (each) =>
      each.involvedObject.uid === uid && each.reason === details.reason && each.message === details.message,
  )
  if (told) return
  const at = formatTime(simulator.now())
  const { type, reason, message, component } = details
  const event = newObject(
    simulator,
    'Event',
    { name: `${name}.${(simulator.now() * 4096 + cluster.resourceVersion).toString(16)}`, namespace },
    {
      involvedObject: {
        kind: about.kind,
        namespace,
        name,
        uid,
        apiVersion: about.apiVersion,
        resourceVersion,
      },
      reason,
      message,
      source: { component },
      firstTimestamp: at,
      lastTimestamp: at,
      count: 1,
      type,
      eventTime: null,
      reportingComponent: component,
      reportingInstance: '',
    },
  )
  storeObject(simulator, cluster, resourceForKind('Event'), event)
}

/** How long an API server keeps events unless it is told otherwise, in ms. */
const kept = 3_600_000

/** Forgets what happened too long ago: a cluster that lives for long would hold little else. */
export function expireEvents(simulator: Simulator, cluster: KubeCluster): void {
  const since = simulator.now() - kept
  for (const event of listObjects(cluster, resourceForKind('Event')))
    if (Date.parse(event.lastTimestamp ?? event.metadata.creationTimestamp) < since)
      eraseObject(simulator, cluster, resourceForKind('Event'), event)
}
