import { setTimeout as delay } from 'node:timers/promises'
import type { KubeRequest } from './apis.ts'

/** Waits until all pods of a Deployment are of its last template, and ready. */
export async function waitForRollout(kube: KubeRequest, path: string): Promise<void> {
  for (let n = 0; n < 300; n++) {
    const { metadata, spec, status = {} } = await kube('GET', path)
    const counts = [status.updatedReplicas, status.replicas, status.readyReplicas]
    if (status.observedGeneration >= metadata.generation && counts.every((each) => each === spec.replicas))
      return
    await delay(100)
  }
  throw new Error(`${path} does not become ready`)
}
