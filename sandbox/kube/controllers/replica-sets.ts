import type { Simulator } from '../../simulator.ts'
import { KubeError } from '../errors.ts'
import { createObject } from '../objects/create.ts'
import { deleteObject } from '../objects/deletion.ts'
import { resourceForKind } from '../objects/resources.ts'
import { formatTime, listObjects } from '../objects/store.ts'
import type { JsonObject, KubeCluster, StoredObject } from '../state.ts'
import { controllerContext, setStatus } from './context.ts'
import { isPodReady } from './endpoints.ts'
import { recordEvent } from './events.ts'

export const ownedBy = (owner: StoredObject) => (object: StoredObject) =>
  ((object.metadata.ownerReferences ?? []) as JsonObject[]).some((each) => each.uid === owner.metadata.uid)

export const ownerReference = (owner: StoredObject): JsonObject => ({
  apiVersion: owner.apiVersion,
  kind: owner.kind,
  name: owner.metadata.name,
  uid: owner.metadata.uid,
  controller: true,
  blockOwnerDeletion: true,
})

/** Creates a pod from its owner's template. Throws the errors of admission. */
export function createPod(
  simulator: Simulator,
  cluster: KubeCluster,
  owner: StoredObject,
  extraMetadata: JsonObject = {},
): StoredObject {
  const { namespace = '', name } = owner.metadata
  const { metadata, spec } = owner.spec.template
  return createObject(controllerContext(simulator, cluster, 'Pod', namespace), {
    metadata: {
      generateName: `${name}-`,
      labels: metadata?.labels,
      ...(metadata?.annotations ? { annotations: metadata.annotations } : {}),
      ownerReferences: [ownerReference(owner)],
      ...extraMetadata,
    },
    spec: structuredClone(spec),
  })
}

const isFinished = (pod: StoredObject) => ['Succeeded', 'Failed'].includes(pod.status?.phase)

function scale(
  simulator: Simulator,
  cluster: KubeCluster,
  set: StoredObject,
  pods: StoredObject[],
): string | undefined {
  const { namespace = '' } = set.metadata
  const missing = set.spec.replicas - pods.length
  for (let n = 0; n < missing; n++)
    try {
      const pod = createPod(simulator, cluster, set)
      recordEvent(simulator, cluster, set, {
        type: 'Normal',
        reason: 'SuccessfulCreate',
        message: `Created pod: ${pod.metadata.name}`,
        component: 'replicaset-controller',
      })
    } catch (error) {
      if (!(error instanceof KubeError)) throw error
      recordEvent(simulator, cluster, set, {
        type: 'Warning',
        reason: 'FailedCreate',
        message: `Error creating: ${error.message}`,
        component: 'replicaset-controller',
      })
      return error.message
    }
  const byReadiness = [...pods].sort((one, other) => Number(isPodReady(one)) - Number(isPodReady(other)))
  for (const pod of byReadiness.slice(0, Math.max(0, -missing)))
    deleteObject(controllerContext(simulator, cluster, 'Pod', namespace), pod, {})
  return undefined
}

/** Scales each replica set and stores its status. */
export function runReplicaSets(simulator: Simulator, cluster: KubeCluster): void {
  for (const set of listObjects(cluster, resourceForKind('ReplicaSet'))) {
    const ownPods = () =>
      listObjects(cluster, resourceForKind('Pod'), set.metadata.namespace)
        .filter(ownedBy(set))
        .filter((pod) => !isFinished(pod))
    const failure = scale(simulator, cluster, set, ownPods())
    const pods = ownPods()
    const ready = pods.filter(isPodReady).length
    const previousFailure = ((set.status?.conditions ?? []) as JsonObject[]).find(
      (each) => each.type === 'ReplicaFailure',
    )
    setStatus(simulator, cluster, set, {
      replicas: pods.length,
      ...(pods.length ? { fullyLabeledReplicas: pods.length } : {}),
      ...(ready ? { readyReplicas: ready, availableReplicas: ready } : {}),
      observedGeneration: set.metadata.generation ?? 1,
      ...(failure
        ? {
            conditions: [
              {
                type: 'ReplicaFailure',
                status: 'True',
                lastTransitionTime: previousFailure?.lastTransitionTime ?? formatTime(simulator.now()),
                reason: 'FailedCreate',
                message: failure,
              },
            ],
          }
        : {}),
    })
  }
}
