import { createHash } from 'node:crypto'
import type { Cloud } from '../../cloud.ts'
import { KubeError } from '../errors.ts'
import { remove } from '../objects/deletion.ts'
import { resourceOf } from '../objects/resources.ts'
import { selects } from '../objects/selectors.ts'
import { list } from '../objects/store.ts'
import type { KubeCluster, KubeObject, Open } from '../state.ts'
import { controller, setStatus } from './context.ts'
import { isReady } from './endpoints.ts'
import { emit } from './events.ts'
import { ownedBy, spawnPod } from './replica-sets.ts'

const hashKey = 'controller-revision-hash'

const hashOf = (template: Open) =>
  createHash('sha256').update(JSON.stringify(template)).digest('hex').slice(0, 10)

/** A pod that a set shall have. */
interface Seat {
  takes: (pod: KubeObject) => boolean
  metadata: Open
  change: (spec: Open) => Open
}

/** A StatefulSet's pods by their numbers. */
function numbered({ metadata, spec }: KubeObject): Seat[] {
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
function onNodes(cluster: KubeCluster, { spec }: KubeObject): Seat[] {
  const wanted = { 'kubernetes.io/os': 'linux', ...spec.template.spec.nodeSelector }
  return list(cluster, resourceOf('Node'))
    .filter((node) => selects({ matchLabels: wanted }, node.metadata.labels))
    .map(({ metadata: { name } }) => ({
      takes: (pod) => pod.spec.nodeName === name,
      metadata: { labels: { ...spec.template.metadata?.labels, 'pod-template-generation': '1' } },
      change: (pod) => ({ ...pod, nodeName: name }),
    }))
}

function fill(cloud: Cloud, cluster: KubeCluster, set: KubeObject, seats: Seat[]): KubeObject[] {
  const { namespace = '' } = set.metadata
  const hash = hashOf(set.spec.template)
  const at = controller(cloud, cluster, 'Pod', namespace)
  const mine = () => list(cluster, resourceOf('Pod'), namespace).filter(ownedBy(set))
  const byHand = set.spec.updateStrategy?.type === 'OnDelete'
  for (const pod of mine()) {
    const old = pod.metadata.labels?.[hashKey] !== hash && !byHand
    const over = ['Succeeded', 'Failed'].includes(pod.status?.phase)
    if (old || over || !seats.some(({ takes }) => takes(pod))) remove(at, pod, {})
  }
  for (const { takes, metadata, change } of seats) {
    if (mine().some(takes)) continue
    try {
      const { template } = set.spec
      const changed = {
        ...set,
        spec: { ...set.spec, template: { ...template, spec: change(template.spec) } },
      }
      spawnPod(cloud, cluster, changed, {
        ...metadata,
        labels: { ...metadata.labels, [hashKey]: hash },
      })
    } catch (error) {
      if (!(error instanceof KubeError)) throw error
      emit(cloud, cluster, set, {
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
export function runSets(cloud: Cloud, cluster: KubeCluster): void {
  for (const set of list(cluster, resourceOf('StatefulSet'))) {
    const pods = fill(cloud, cluster, set, numbered(set))
    const ready = pods.filter(isReady).length
    const updated = pods.filter(({ metadata }) => metadata.labels?.[hashKey] === hashOf(set.spec.template))
    const revision = `${set.metadata.name}-${hashOf(set.spec.template)}`
    setStatus(cloud, cluster, set, {
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
  for (const set of list(cluster, resourceOf('DaemonSet'))) {
    const seats = onNodes(cluster, set)
    const pods = fill(cloud, cluster, set, seats)
    const ready = pods.filter(isReady).length
    const updated = pods.filter(({ metadata }) => metadata.labels?.[hashKey] === hashOf(set.spec.template))
    setStatus(cloud, cluster, set, {
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
