import { isDeepStrictEqual } from 'node:util'
import type { Cloud } from '../cloud.ts'
import { furnish } from './bootstrap.ts'
import { runDeployments } from './deployments.ts'
import { reconcileEndpoints } from './endpoints.ts'
import { forgetEvents } from './events.ts'
import { runJobs } from './jobs.ts'
import { recordUpdate, type Writer } from './ownership.ts'
import { podStatus, schedule } from './pod-status.ts'
import { collectGarbage, endNamespaces } from './removal.ts'
import { runReplicaSets } from './replica-sets.ts'
import { resourceOf } from './resources.ts'
import { runSets } from './sets.ts'
import type { KubeCluster, KubeObject, Open } from './state.ts'
import { list, timestamp, write } from './store.ts'
import type { Target } from './writes.ts'

/** A controller's place to write to. */
export const controller = (
  cloud: Cloud,
  cluster: KubeCluster,
  kind: string,
  namespace: string,
  manager = 'kube-controller-manager',
): Target => ({
  cloud,
  cluster,
  of: resourceOf(kind),
  namespace,
  writer: { manager, operation: 'Update', time: timestamp(cloud.now()) },
  dryRun: false,
})

/** Stores an object's status if it is another one. */
export function setStatus(
  cloud: Cloud,
  cluster: KubeCluster,
  object: KubeObject,
  status: Open,
  manager = 'kube-controller-manager',
): KubeObject {
  if (isDeepStrictEqual(object.status, status)) return object
  const of = resourceOf(object.kind)
  const writer: Writer = {
    manager,
    operation: 'Update',
    subresource: 'status',
    time: timestamp(cloud.now()),
  }
  const next = { ...object, status }
  const managedFields = recordUpdate(of, object, next, writer)
  return write(cloud, cluster, of, { ...next, metadata: { ...object.metadata, managedFields } })
}

function runPods(cloud: Cloud, cluster: KubeCluster): void {
  for (const pod of list(cluster, resourceOf('Pod'))) {
    const placed = schedule(cloud, cluster, pod)
    setStatus(cloud, cluster, placed, podStatus(cloud, cluster, placed), 'kubelet')
  }
}

/** Brings the cluster to where its controllers would have brought it by now. */
export function reconcile(cloud: Cloud, cluster: KubeCluster): void {
  forgetEvents(cloud, cluster)
  endNamespaces(cloud, cluster)
  for (const { metadata } of list(cluster, resourceOf('Namespace')))
    if (!metadata.deletionTimestamp) furnish(cloud, cluster, metadata.name)
  collectGarbage(cloud, cluster)
  runDeployments(cloud, cluster)
  runReplicaSets(cloud, cluster)
  runSets(cloud, cluster)
  runJobs(cloud, cluster)
  runPods(cloud, cluster)
  runReplicaSets(cloud, cluster)
  runSets(cloud, cluster)
  runJobs(cloud, cluster)
  runDeployments(cloud, cluster)
  runReplicaSets(cloud, cluster)
  reconcileEndpoints(cloud, cluster)
}
