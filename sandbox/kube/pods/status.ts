import { sha256 } from '../../sha256.ts'
import type { Simulator } from '../../simulator.ts'
import { recordEvent } from '../controllers/events.ts'
import { resourceForKind } from '../objects/resources.ts'
import { matchesSelector } from '../objects/selectors.ts'
import { formatTime, getObject, listObjects, storeObject } from '../objects/store.ts'
import type { JsonObject, KubeCluster, PodState, StoredObject } from '../state.ts'
import { isRunnable } from './command.ts'
import { containerStatus } from './container-status.ts'
import { mountFailure } from './volumes.ts'

const hashNumber = (text: string) => sha256(text).readUInt32BE()

/** Assigns a node that matches the pod's selector, if there is one. */
export function schedule(simulator: Simulator, cluster: KubeCluster, pod: StoredObject): StoredObject {
  if (pod.spec.nodeName) return pod
  const wanted = { 'kubernetes.io/os': 'linux', ...pod.spec.nodeSelector }
  const nodes = listObjects(cluster, resourceForKind('Node'))
  const fitting = nodes.filter((node) => matchesSelector({ matchLabels: wanted }, node.metadata.labels))
  const node = fitting[hashNumber(pod.metadata.uid) % (fitting.length || 1)]
  if (!node) {
    recordEvent(simulator, cluster, pod, {
      type: 'Warning',
      reason: 'FailedScheduling',
      message: unschedulable(nodes.length),
      component: 'default-scheduler',
    })
    return pod
  }
  recordEvent(simulator, cluster, pod, {
    type: 'Normal',
    reason: 'Scheduled',
    message: `Successfully assigned ${pod.metadata.namespace}/${pod.metadata.name} to ${node.metadata.name}`,
    component: 'default-scheduler',
  })
  return storeObject(simulator, cluster, resourceForKind('Pod'), {
    ...pod,
    spec: { ...pod.spec, nodeName: node.metadata.name },
  })
}

const unschedulable = (nodes: number) =>
  `0/${nodes} nodes are available: ${nodes} node(s) didn't match Pod's node affinity/selector. preemption: 0/${nodes} nodes are available: ${nodes} Preemption is not helpful for scheduling.`

type Condition = (type: string, isTrue: boolean, whenFalse?: JsonObject) => JsonObject

/** Returns a function that builds conditions and keeps the transition times of those that did not change. */
function conditionsOf(simulator: Simulator, pod: StoredObject): Condition {
  const previous = (pod.status?.conditions ?? []) as JsonObject[]
  return (type, isTrue, whenFalse = {}) => {
    const status = isTrue ? 'True' : 'False'
    const before = previous.find((each) => each.type === type)
    const since = before?.status === status ? before.lastTransitionTime : formatTime(simulator.now())
    return { type, status, lastProbeTime: null, lastTransitionTime: since, ...(isTrue ? {} : whenFalse) }
  }
}

const unscheduledStatus = (cluster: KubeCluster, condition: Condition): JsonObject => ({
  phase: 'Pending',
  conditions: [
    condition('PodScheduled', false, {
      reason: 'Unschedulable',
      message: unschedulable(listObjects(cluster, resourceForKind('Node')).length),
    }),
  ],
  qosClass: 'BestEffort',
})

/** Returns when the pod's containers started, or `undefined` if they have not. A failing mount postpones the start. */
function startTime(
  simulator: Simulator,
  cluster: KubeCluster,
  pod: StoredObject,
  runtime: PodState,
): number | undefined {
  const failure = mountFailure(cluster, pod)
  if (!failure) return simulator.now() >= runtime.startsAt ? runtime.startsAt : undefined
  recordEvent(simulator, cluster, pod, {
    type: 'Warning',
    reason: 'FailedMount',
    message: failure,
    component: 'kubelet',
  })
  runtime.startsAt = Math.max(runtime.startsAt, simulator.now())
  return undefined
}

/** Completes containers that the simulator doesn't run: they succeed if the pod is meant to end, or else are ready. */
function completeSimulated(pod: StoredObject, runtime: PodState, started: number): void {
  const containers = pod.spec.containers as JsonObject[]
  if (containers.some(isRunnable)) return
  if (['Never', 'OnFailure'].includes(pod.spec.restartPolicy))
    runtime.ended ??= Object.fromEntries(
      containers.map(({ name }) => [name, { code: 0, at: started, log: '' }]),
    )
  else runtime.ready = true
}

function phaseOf(statuses: JsonObject[], started: number | undefined): string {
  const codes = statuses.map((each) => each.state.terminated?.exitCode as number | undefined)
  if (codes.every((code) => code !== undefined))
    return codes.every((code) => code === 0) ? 'Succeeded' : 'Failed'
  return started === undefined ? 'Pending' : 'Running'
}

function notReadyReason(statuses: JsonObject[], isFinished: boolean): JsonObject {
  if (isFinished) return { reason: 'PodCompleted' }
  const names = statuses.filter((each) => !each.ready).map((each) => each.name)
  return { reason: 'ContainersNotReady', message: `containers with unready status: [${names.join(' ')}]` }
}

/** Returns the addresses of the pod's node and, once it has started, of the pod. */
function podAddresses(cluster: KubeCluster, pod: StoredObject, started: number | undefined): JsonObject {
  const node = getObject(cluster, resourceForKind('Node'), '', pod.spec.nodeName)
  const address = node?.status.addresses.find((each: JsonObject) => each.type === 'InternalIP')?.address
  const subnet = (node?.spec.podCIDR ?? '10.244.0.0/24').replace(/\.\d+\/\d+$/, '')
  const ip = `${subnet}.${2 + (hashNumber(pod.metadata.uid) % 250)}`
  return {
    hostIP: address,
    hostIPs: [{ ip: address }],
    ...(started === undefined ? {} : { podIP: ip, podIPs: [{ ip }] }),
  }
}

/** Returns the current status of a pod. */
export function podStatus(simulator: Simulator, cluster: KubeCluster, pod: StoredObject): JsonObject {
  const { uid, creationTimestamp } = pod.metadata
  const runtime = cluster.pods[uid] ?? { startsAt: simulator.now() }
  cluster.pods[uid] = runtime
  const condition = conditionsOf(simulator, pod)
  if (!pod.spec.nodeName) return unscheduledStatus(cluster, condition)
  const started = startTime(simulator, cluster, pod, runtime)
  if (started !== undefined) completeSimulated(pod, runtime, started)
  const containers = pod.spec.containers as JsonObject[]
  const statuses = containers.map((each) =>
    containerStatus(each, runtime, started, pod.spec.restartPolicy, uid),
  )
  const phase = phaseOf(statuses, started)
  const isFinished = phase === 'Succeeded' || phase === 'Failed'
  const isReady = statuses.every((each) => each.ready)
  const notReady = notReadyReason(statuses, isFinished)
  return {
    phase,
    conditions: [
      condition('PodReadyToStartContainers', started !== undefined && !isFinished),
      condition('Initialized', true),
      condition('Ready', isReady, notReady),
      condition('ContainersReady', isReady, notReady),
      condition('PodScheduled', true),
    ],
    ...podAddresses(cluster, pod, started),
    startTime: creationTimestamp,
    containerStatuses: statuses,
    qosClass: qosOf(containers),
  }
}

const qosOf = (containers: JsonObject[]) =>
  containers.some(({ resources }) => resources?.requests || resources?.limits) ? 'Burstable' : 'BestEffort'
