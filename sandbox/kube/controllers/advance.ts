import type { Simulator } from '../../simulator.ts'
import { startDuePods } from '../pods/processes.ts'
import type { KubeCluster } from '../state.ts'
import { rotateWebhookCertificate } from '../webhook/certificate.ts'
import { reconcile } from './reconcile.ts'

/**
 * Updates a cluster before a request: its controllers and, with `runPods`, its pods do what they would have
 * done by now. What they store marks the state as changed.
 */
export async function advanceCluster(
  simulator: Simulator,
  cluster: KubeCluster,
  runPods: boolean,
): Promise<void> {
  reconcile(simulator, cluster)
  if (runPods) {
    await startDuePods(simulator, cluster)
    reconcile(simulator, cluster)
  }
  await rotateWebhookCertificate(simulator, cluster)
}
