import type { Simulator } from '../../simulator.ts'
import { resourceForKind } from '../objects/resources.ts'
import { eraseObject, formatTime, listObjects, storeObject } from '../objects/store.ts'
import type { KubeCluster, StoredObject } from '../state.ts'
import { newObject } from './bootstrap.ts'

/** Records an event of an object, unless the same event exists. */
export function recordEvent(
  simulator: Simulator,
  cluster: KubeCluster,
  object: StoredObject,
  details: { type: 'Normal' | 'Warning'; reason: string; message: string; component: string },
): void {
  const { name, namespace = 'default', uid, resourceVersion } = object.metadata
  const exists = listObjects(cluster, resourceForKind('Event'), namespace).some(
    (each) =>
      each.involvedObject.uid === uid && each.reason === details.reason && each.message === details.message,
  )
  if (exists) return
  const at = formatTime(simulator.now())
  const { type, reason, message, component } = details
  const event = newObject(
    simulator,
    'Event',
    { name: `${name}.${(simulator.now() * 4096 + cluster.resourceVersion).toString(16)}`, namespace },
    {
      involvedObject: {
        kind: object.kind,
        namespace,
        name,
        uid,
        apiVersion: object.apiVersion,
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

/** Default of `kube-apiserver --event-ttl`, in ms. */
const retention = 3_600_000

/** Erases events that are older than the retention. */
export function expireEvents(simulator: Simulator, cluster: KubeCluster): void {
  const since = simulator.now() - retention
  for (const event of listObjects(cluster, resourceForKind('Event')))
    if (Date.parse(event.lastTimestamp ?? event.metadata.creationTimestamp) < since)
      eraseObject(simulator, cluster, resourceForKind('Event'), event)
}
