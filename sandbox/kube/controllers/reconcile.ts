import type { Cloud } from '../../cloud.ts'
import { collectGarbage, finishNamespaceDeletions } from '../objects/deletion.ts'
import { resourceForKind } from '../objects/resources.ts'
import { listObjects } from '../objects/store.ts'
import { podStatus, schedule } from '../pods/status.ts'
import type { KubeCluster } from '../state.ts'
import { createNamespaceDefaults } from './bootstrap.ts'
import { setStatus } from './context.ts'
import { runDeployments } from './deployments.ts'
import { reconcileEndpoints } from './endpoints.ts'
import { expireEvents } from './events.ts'
import { runJobs } from './jobs.ts'
import { runReplicaSets } from './replica-sets.ts'
import { runSets } from './stateful-and-daemon-sets.ts'

function runPods(cloud: Cloud, cluster: KubeCluster): void {
  for (const pod of listObjects(cluster, resourceForKind('Pod'))) {
    const placed = schedule(cloud, cluster, pod)
    setStatus(cloud, cluster, placed, podStatus(cloud, cluster, placed), 'kubelet')
  }
}

/** Brings the cluster to where its controllers would have brought it by now. */
export function reconcile(cloud: Cloud, cluster: KubeCluster): void {
  expireEvents(cloud, cluster)
  finishNamespaceDeletions(cloud, cluster)
  for (const { metadata } of listObjects(cluster, resourceForKind('Namespace')))
    if (!metadata.deletionTimestamp) createNamespaceDefaults(cloud, cluster, metadata.name)
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
