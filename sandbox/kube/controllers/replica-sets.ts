import type { Cloud } from '../../cloud.ts'
import { KubeError } from '../errors.ts'
import { remove } from '../objects/deletion.ts'
import { resourceOf } from '../objects/resources.ts'
import { list, timestamp } from '../objects/store.ts'
import { create } from '../objects/writes.ts'
import type { KubeCluster, KubeObject, Open } from '../state.ts'
import { controller, setStatus } from './context.ts'
import { isReady } from './endpoints.ts'
import { emit } from './events.ts'

export const ownedBy = (owner: KubeObject) => (object: KubeObject) =>
  ((object.metadata.ownerReferences ?? []) as Open[]).some((each) => each.uid === owner.metadata.uid)

export const ownerReference = (owner: KubeObject): Open => ({
  apiVersion: owner.apiVersion,
  kind: owner.kind,
  name: owner.metadata.name,
  uid: owner.metadata.uid,
  controller: true,
  blockOwnerDeletion: true,
})

/** A pod from its owner's template, through admission. Throws what admission throws. */
export function spawnPod(cloud: Cloud, cluster: KubeCluster, owner: KubeObject, more: Open = {}): KubeObject {
  const { namespace = '', name } = owner.metadata
  const { metadata, spec } = owner.spec.template
  return create(controller(cloud, cluster, 'Pod', namespace), {
    metadata: {
      generateName: `${name}-`,
      labels: metadata?.labels,
      ...(metadata?.annotations ? { annotations: metadata.annotations } : {}),
      ownerReferences: [ownerReference(owner)],
      ...more,
    },
    spec: structuredClone(spec),
  })
}

const isOver = (pod: KubeObject) => ['Succeeded', 'Failed'].includes(pod.status?.phase)

function scale(cloud: Cloud, cluster: KubeCluster, set: KubeObject, pods: KubeObject[]): string | undefined {
  const { namespace = '' } = set.metadata
  const missing = set.spec.replicas - pods.length
  for (let n = 0; n < missing; n++)
    try {
      const pod = spawnPod(cloud, cluster, set)
      emit(cloud, cluster, set, {
        type: 'Normal',
        reason: 'SuccessfulCreate',
        message: `Created pod: ${pod.metadata.name}`,
        component: 'replicaset-controller',
      })
    } catch (error) {
      if (!(error instanceof KubeError)) throw error
      emit(cloud, cluster, set, {
        type: 'Warning',
        reason: 'FailedCreate',
        message: `Error creating: ${error.message}`,
        component: 'replicaset-controller',
      })
      return error.message
    }
  const spare = [...pods].sort((one, other) => Number(isReady(one)) - Number(isReady(other)))
  for (const pod of spare.slice(0, Math.max(0, -missing)))
    remove(controller(cloud, cluster, 'Pod', namespace), pod, {})
  return undefined
}

/** Gives each replica set its pods and counts them. */
export function runReplicaSets(cloud: Cloud, cluster: KubeCluster): void {
  for (const set of list(cluster, resourceOf('ReplicaSet'))) {
    const mine = () =>
      list(cluster, resourceOf('Pod'), set.metadata.namespace)
        .filter(ownedBy(set))
        .filter((pod) => !isOver(pod))
    const failure = scale(cloud, cluster, set, mine())
    const pods = mine()
    const ready = pods.filter(isReady).length
    const had = ((set.status?.conditions ?? []) as Open[]).find((each) => each.type === 'ReplicaFailure')
    setStatus(cloud, cluster, set, {
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
                lastTransitionTime: had?.lastTransitionTime ?? timestamp(cloud.now()),
                reason: 'FailedCreate',
                message: failure,
              },
            ],
          }
        : {}),
    })
  }
}
