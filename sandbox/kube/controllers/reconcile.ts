import type { Simulator } from '../../simulator.ts'
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

function runPods(simulator: Simulator, cluster: KubeCluster): void {
  for (const pod of listObjects(cluster, resourceForKind('Pod'))) {
    const scheduled = schedule(simulator, cluster, pod)
    setStatus(simulator, cluster, scheduled, podStatus(simulator, cluster, scheduled), 'kubelet')
  }
}

/** Runs all controllers once. Several run again because they depend on what others stored. */
export function reconcile(simulator: Simulator, cluster: KubeCluster): void {
  expireEvents(simulator, cluster)
  finishNamespaceDeletions(simulator, cluster)
  for (const { metadata } of listObjects(cluster, resourceForKind('Namespace')))
    if (!metadata.deletionTimestamp) createNamespaceDefaults(simulator, cluster, metadata.name)
  collectGarbage(simulator, cluster)
  runDeployments(simulator, cluster)
  runReplicaSets(simulator, cluster)
  runSets(simulator, cluster)
  runJobs(simulator, cluster)
  runPods(simulator, cluster)
  runReplicaSets(simulator, cluster)
  runSets(simulator, cluster)
  runJobs(simulator, cluster)
  runDeployments(simulator, cluster)
  runReplicaSets(simulator, cluster)
  reconcileEndpoints(simulator, cluster)
}
