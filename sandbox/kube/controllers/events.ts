import type { Cloud } from '../../cloud.ts'
import { resourceOf } from '../objects/resources.ts'
import { erase, list, timestamp, write } from '../objects/store.ts'
import type { KubeCluster, KubeObject } from '../state.ts'
import { born } from './bootstrap.ts'

/** Tells in the object's namespace what happened to it; the same thing is told once. */
export function emit(
  cloud: Cloud,
  cluster: KubeCluster,
  about: KubeObject,
  of: { type: 'Normal' | 'Warning'; reason: string; message: string; component: string },
): void {
  const { name, namespace = 'default', uid, resourceVersion } = about.metadata
  const told = list(cluster, resourceOf('Event'), namespace).some(
    (each) => each.involvedObject.uid === uid && each.reason === of.reason && each.message === of.message,
  )
  if (told) return
  const at = timestamp(cloud.now())
  const { type, reason, message, component } = of
  const event = born(
    cloud,
    'Event',
    { name: `${name}.${(cloud.now() * 4096 + cluster.resourceVersion).toString(16)}`, namespace },
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
  write(cloud, cluster, resourceOf('Event'), event)
}

/** How long an API server keeps events unless it is told otherwise, in ms. */
const kept = 3_600_000

/** Forgets what happened too long ago: a cluster that lives for long would hold little else. */
export function forgetEvents(cloud: Cloud, cluster: KubeCluster): void {
  const since = cloud.now() - kept
  for (const event of list(cluster, resourceOf('Event')))
    if (Date.parse(event.lastTimestamp ?? event.metadata.creationTimestamp) < since)
      erase(cloud, cluster, resourceOf('Event'), event)
}
