import type { Cloud } from '../../cloud.ts'
import { collectGarbage, endNamespaces } from '../objects/deletion.ts'
import { resourceOf } from '../objects/resources.ts'
import { list } from '../objects/store.ts'
import { podStatus, schedule } from '../pods/status.ts'
import type { KubeCluster } from '../state.ts'
import { furnish } from './bootstrap.ts'
import { setStatus } from './context.ts'
import { runDeployments } from './deployments.ts'
import { reconcileEndpoints } from './endpoints.ts'
import { forgetEvents } from './events.ts'
import { runJobs } from './jobs.ts'
import { runReplicaSets } from './replica-sets.ts'
import { runSets } from './stateful-and-daemon-sets.ts'

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
