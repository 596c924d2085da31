import { sha256 } from '../../sha256.ts'
import type { Simulator } from '../../simulator.ts'
import { KubeError } from '../errors.ts'
import { deleteObject } from '../objects/deletion.ts'
import { resourceForKind } from '../objects/resources.ts'
import { matchesSelector } from '../objects/selectors.ts'
import { listObjects } from '../objects/store.ts'
import type { JsonObject, KubeCluster, StoredObject } from '../state.ts'
import { controllerContext, setStatus } from './context.ts'
import { isPodReady } from './endpoints.ts'
import { recordEvent } from './events.ts'
import { createPod, ownedBy } from './replica-sets.ts'

const hashKey = 'controller-revision-hash'

const hashOf = (template: JsonObject) => sha256(JSON.stringify(template)).toString('hex').slice(0, 10)

/** A pod that a set must have. */
interface PodSlot {
  matches: (pod: StoredObject) => boolean
  metadata: JsonObject
  change: (spec: JsonObject) => JsonObject
}

/** Returns the pod slots of a StatefulSet, one per ordinal. */
function statefulSetSlots({ metadata, spec }: StoredObject): PodSlot[] {
  return Array.from({ length: spec.replicas }, (_, index) => {
    const name = `${metadata.name}-${index}`
    return {
      matches: (pod) => pod.metadata.name === name,
      metadata: {
        name,
        labels: {
          ...spec.template.metadata?.labels,
          'apps.kubernetes.io/pod-index': String(index),
          'statefulset.kubernetes.io/pod-name': name,
        },
      },
      change: (pod) => ({ ...pod, hostname: name, subdomain: spec.serviceName }),
    }
  })
}

/** Returns the pod slots of a DaemonSet, one per node. */
function daemonSetSlots(cluster: KubeCluster, { spec }: StoredObject): PodSlot[] {
  const wanted = { 'kubernetes.io/os': 'linux', ...spec.template.spec.nodeSelector }
  return listObjects(cluster, resourceForKind('Node'))
    .filter((node) => matchesSelector({ matchLabels: wanted }, node.metadata.labels))
    .map(({ metadata: { name } }) => ({
      matches: (pod) => pod.spec.nodeName === name,
      metadata: { labels: { ...spec.template.metadata?.labels, 'pod-template-generation': '1' } },
      change: (pod) => ({ ...pod, nodeName: name }),
    }))
}

function syncPods(
  simulator: Simulator,
  cluster: KubeCluster,
  set: StoredObject,
  slots: PodSlot[],
): StoredObject[] {
  const { namespace = '' } = set.metadata
  const hash = hashOf(set.spec.template)
  const context = controllerContext(simulator, cluster, 'Pod', namespace)
  const ownPods = () => listObjects(cluster, resourceForKind('Pod'), namespace).filter(ownedBy(set))
  const isManualUpdate = set.spec.updateStrategy?.type === 'OnDelete'
  for (const pod of ownPods()) {
    const isOutdated = pod.metadata.labels?.[hashKey] !== hash && !isManualUpdate
    const isFinished = ['Succeeded', 'Failed'].includes(pod.status?.phase)
    if (isOutdated || isFinished || !slots.some(({ matches: isInSlot }) => isInSlot(pod)))
      deleteObject(context, pod, {})
  }
  for (const { matches: isInSlot, metadata, change: specOf } of slots) {
    if (ownPods().some(isInSlot)) continue
    try {
      const { template } = set.spec
      const changed = {
        ...set,
        spec: { ...set.spec, template: { ...template, spec: specOf(template.spec) } },
      }
      createPod(simulator, cluster, changed, {
        ...metadata,
        labels: { ...metadata.labels, [hashKey]: hash },
      })
    } catch (error) {
      if (!(error instanceof KubeError)) throw error
      recordEvent(simulator, cluster, set, {
        type: 'Warning',
        reason: 'FailedCreate',
        message: `create Pod in ${set.kind} ${set.metadata.name} failed error: ${error.message}`,
        component: `${set.kind.toLowerCase()}-controller`,
      })
      break
    }
  }
  return ownPods()
}

/** Creates and deletes the pods of each StatefulSet and DaemonSet, and stores its status. */
export function runSets(simulator: Simulator, cluster: KubeCluster): void {
  for (const set of listObjects(cluster, resourceForKind('StatefulSet'))) {
    const pods = syncPods(simulator, cluster, set, statefulSetSlots(set))
    const ready = pods.filter(isPodReady).length
    const updated = pods.filter(({ metadata }) => metadata.labels?.[hashKey] === hashOf(set.spec.template))
    const revision = `${set.metadata.name}-${hashOf(set.spec.template)}`
    setStatus(simulator, cluster, set, {
      observedGeneration: set.metadata.generation ?? 1,
      replicas: pods.length,
      ...(ready ? { readyReplicas: ready } : {}),
      currentReplicas: updated.length,
      updatedReplicas: updated.length,
      currentRevision: revision,
      updateRevision: revision,
      collisionCount: 0,
      availableReplicas: ready,
    })
  }
  for (const set of listObjects(cluster, resourceForKind('DaemonSet'))) {
    const slots = daemonSetSlots(cluster, set)
    const pods = syncPods(simulator, cluster, set, slots)
    const ready = pods.filter(isPodReady).length
    const updated = pods.filter(({ metadata }) => metadata.labels?.[hashKey] === hashOf(set.spec.template))
    setStatus(simulator, cluster, set, {
      currentNumberScheduled: pods.length,
      numberMisscheduled: 0,
      desiredNumberScheduled: slots.length,
      numberReady: ready,
      observedGeneration: set.metadata.generation ?? 1,
      updatedNumberScheduled: updated.length,
      ...(ready ? { numberAvailable: ready } : {}),
      ...(slots.length > ready ? { numberUnavailable: slots.length - ready } : {}),
    })
  }
}
