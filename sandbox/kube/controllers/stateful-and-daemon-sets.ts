import { createHash } from 'node:crypto'
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

const hashOf = (template: JsonObject) =>
  createHash('sha256').update(JSON.stringify(template)).digest('hex').slice(0, 10)

/** A pod that a set shall have. */
interface PodSlot {
  takes: (pod: StoredObject) => boolean
  metadata: JsonObject
  change: (spec: JsonObject) => JsonObject
}

/** A StatefulSet's pods by their numbers. */
function numbered({ metadata, spec }: StoredObject): PodSlot[] {
  return Array.from({ length: spec.replicas }, (_, index) => {
    const name = `${metadata.name}-${index}`
    return {
      takes: (pod) => pod.metadata.name === name,
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

/** A DaemonSet's pods by their nodes. */
function onNodes(cluster: KubeCluster, { spec }: StoredObject): PodSlot[] {
  const wanted = { 'kubernetes.io/os': 'linux', ...spec.template.spec.nodeSelector }
  return listObjects(cluster, resourceForKind('Node'))
    .filter((node) => matchesSelector({ matchLabels: wanted }, node.metadata.labels))
    .map(({ metadata: { name } }) => ({
      takes: (pod) => pod.spec.nodeName === name,
      metadata: { labels: { ...spec.template.metadata?.labels, 'pod-template-generation': '1' } },
      change: (pod) => ({ ...pod, nodeName: name }),
    }))
}

function fill(
  simulator: Simulator,
  cluster: KubeCluster,
  set: StoredObject,
  seats: PodSlot[],
): StoredObject[] {
  const { namespace = '' } = set.metadata
  const hash = hashOf(set.spec.template)
  const at = controllerContext(simulator, cluster, 'Pod', namespace)
  const mine = () => listObjects(cluster, resourceForKind('Pod'), namespace).filter(ownedBy(set))
  const byHand = set.spec.updateStrategy?.type === 'OnDelete'
  for (const pod of mine()) {
    const old = pod.metadata.labels?.[hashKey] !== hash && !byHand
    const over = ['Succeeded', 'Failed'].includes(pod.status?.phase)
    if (old || over || !seats.some(({ takes }) => takes(pod))) deleteObject(at, pod, {})
  }
  for (const { takes, metadata, change } of seats) {
    if (mine().some(takes)) continue
    try {
      const { template } = set.spec
      const changed = {
        ...set,
        spec: { ...set.spec, template: { ...template, spec: change(template.spec) } },
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
  return mine()
}

/** Gives each StatefulSet and DaemonSet its pods, of the newest template, and counts them. */
export function runSets(simulator: Simulator, cluster: KubeCluster): void {
  for (const set of listObjects(cluster, resourceForKind('StatefulSet'))) {
    const pods = fill(simulator, cluster, set, numbered(set))
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
    const seats = onNodes(cluster, set)
    const pods = fill(simulator, cluster, set, seats)
    const ready = pods.filter(isPodReady).length
    const updated = pods.filter(({ metadata }) => metadata.labels?.[hashKey] === hashOf(set.spec.template))
    setStatus(simulator, cluster, set, {
      currentNumberScheduled: pods.length,
      numberMisscheduled: 0,
      desiredNumberScheduled: seats.length,
      numberReady: ready,
      observedGeneration: set.metadata.generation ?? 1,
      updatedNumberScheduled: updated.length,
      ...(ready ? { numberAvailable: ready } : {}),
      ...(seats.length > ready ? { numberUnavailable: seats.length - ready } : {}),
    })
  }
}
