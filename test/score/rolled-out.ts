import { setTimeout as delay } from 'node:timers/promises'
import type { KubeRequest } from './apis.ts'

/** Waits until all pods of a Deployment match its current template and are ready. */
export async function waitForRollout(kube: KubeRequest, path: string): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const { metadata, spec, status = {} } = await kube('GET', path)
    const counts = [status.updatedReplicas, status.replicas, status.readyReplicas]
    if (status.observedGeneration >= metadata.generation && counts.every((each) => each === spec.replicas))
      return
    await delay(100)
  }
  throw new Error(`${path} did not become ready within 30 s`)
}
