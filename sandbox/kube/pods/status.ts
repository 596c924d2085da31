import { createHash } from 'node:crypto'
import type { Simulator } from '../../simulator.ts'
import { recordEvent } from '../controllers/events.ts'
import { resourceForKind } from '../objects/resources.ts'
import { matchesSelector } from '../objects/selectors.ts'
import { formatTime, getObject, listObjects, storeObject } from '../objects/store.ts'
import type { JsonObject, KubeCluster, PodState, StoredObject } from '../state.ts'
import { isRunnable } from './command.ts'
import { mountFailure } from './volumes.ts'

const number = (text: string) => createHash('sha256').update(text).digest().readUInt32BE()

/** Assigns a node that matches the pod's selector, if there is one. */
export function schedule(simulator: Simulator, cluster: KubeCluster, pod: StoredObject): StoredObject {
  if (pod.spec.nodeName) return pod
  const wanted = { 'kubernetes.io/os': 'linux', ...pod.spec.nodeSelector }
  const nodes = listObjects(cluster, resourceForKind('Node'))
  const fitting = nodes.filter((node) => matchesSelector({ matchLabels: wanted }, node.metadata.labels))
  const node = fitting[number(pod.metadata.uid) % (fitting.length || 1)]
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

const imageName = (image: string) =>
  /^[^/]+[.:][^/]*\//.test(image) ? image : `docker.io/${image.includes('/') ? image : `library/${image}`}`

function containerStatus(
  container: JsonObject,
  runtime: PodState,
  started: number | undefined,
  restart: string,
  uid: string,
): JsonObject {
  const ended = runtime.ended?.[container.name]
  const id = `containerd://${createHash('sha256')
    .update(`${uid}${container.name}${runtime.restarts ?? 0}`)
    .digest('hex')}`
  const image = imageName(container.image)
  const over = ended && {
    exitCode: ended.code,
    reason: ended.code === 0 ? 'Completed' : 'Error',
    startedAt: formatTime(started ?? ended.at),
    finishedAt: formatTime(ended.at),
    containerID: id,
  }
  const again = restart === 'Always' || (restart === 'OnFailure' && ended?.code !== 0)
  const state: JsonObject =
    started === undefined
      ? { waiting: { reason: 'ContainerCreating' } }
      : over && !again
        ? { terminated: over }
        : over && runtime.ready === false
          ? {
              waiting: {
                reason: 'CrashLoopBackOff',
                message: `back-off restarting failed container=${container.name}`,
              },
            }
          : { running: { startedAt: formatTime(started) } }
  const running = 'running' in state
  return {
    name: container.name,
    state,
    lastState: over && again ? { terminated: over } : {},
    ready: running && runtime.ready === true,
    restartCount: runtime.restarts ?? 0,
    image: started === undefined ? container.image : image,
    imageID:
      started === undefined
        ? ''
        : `${image.replace(/:[^/]*$/, '')}@sha256:${createHash('sha256').update(image).digest('hex')}`,
    ...(started === undefined ? {} : { containerID: id }),
    started: running,
  }
}

/** Returns the current status of a pod. */
export function podStatus(simulator: Simulator, cluster: KubeCluster, pod: StoredObject): JsonObject {
  const { uid, creationTimestamp } = pod.metadata
  const runtime = cluster.pods[uid] ?? { startsAt: simulator.now() }
  cluster.pods[uid] = runtime
  const containers = pod.spec.containers as JsonObject[]
  const had = (pod.status?.conditions ?? []) as JsonObject[]
  const condition = (type: string, ok: boolean, why: JsonObject = {}) => {
    const status = ok ? 'True' : 'False'
    const before = had.find((each) => each.type === type)
    const since = before?.status === status ? before.lastTransitionTime : formatTime(simulator.now())
    return { type, status, lastProbeTime: null, lastTransitionTime: since, ...(ok ? {} : why) }
  }
  if (!pod.spec.nodeName)
    return {
      phase: 'Pending',
      conditions: [
        condition('PodScheduled', false, {
          reason: 'Unschedulable',
          message: unschedulable(listObjects(cluster, resourceForKind('Node')).length),
        }),
      ],
      qosClass: 'BestEffort',
    }
  const blocked = mountFailure(cluster, pod)
  if (blocked) {
    recordEvent(simulator, cluster, pod, {
      type: 'Warning',
      reason: 'FailedMount',
      message: blocked,
      component: 'kubelet',
    })
    runtime.startsAt = Math.max(runtime.startsAt, simulator.now())
  }
  const started = !blocked && simulator.now() >= runtime.startsAt ? runtime.startsAt : undefined
  const programs = containers.filter(isRunnable)
  const { restartPolicy } = pod.spec
  // What does not run here but is meant to end, a job or a test of a chart, is told to have ended well.
  const ends = restartPolicy === 'Never' || restartPolicy === 'OnFailure'
  if (started !== undefined && !programs.length) {
    if (ends)
      runtime.ended ??= Object.fromEntries(
        containers.map(({ name }) => [name, { code: 0, at: started, log: '' }]),
      )
    else runtime.ready = true
  }
  const states = containers.map((each) => containerStatus(each, runtime, started, restartPolicy, uid))
  const codes = states.map((each) => each.state.terminated?.exitCode as number | undefined)
  const over = codes.every((code) => code !== undefined)
  const ready = states.every((each) => each.ready)
  const unready = {
    reason: over ? 'PodCompleted' : 'ContainersNotReady',
    ...(over
      ? {}
      : {
          message: `containers with unready status: [${states
            .filter((each) => !each.ready)
            .map((each) => each.name)
            .join(' ')}]`,
        }),
  }
  const node = getObject(cluster, resourceForKind('Node'), '', pod.spec.nodeName)
  const address = node?.status.addresses.find((each: JsonObject) => each.type === 'InternalIP')?.address
  const subnet = (node?.spec.podCIDR ?? '10.244.0.0/24').replace(/\.\d+\/\d+$/, '')
  const ip = `${subnet}.${2 + (number(uid) % 250)}`
  return {
    phase: over
      ? codes.every((code) => code === 0)
        ? 'Succeeded'
        : 'Failed'
      : started === undefined
        ? 'Pending'
        : 'Running',
    conditions: [
      condition('PodReadyToStartContainers', started !== undefined && !over),
      condition('Initialized', true),
      condition('Ready', ready, unready),
      condition('ContainersReady', ready, unready),
      condition('PodScheduled', true),
    ],
    hostIP: address,
    hostIPs: [{ ip: address }],
    ...(started === undefined ? {} : { podIP: ip, podIPs: [{ ip }] }),
    startTime: creationTimestamp,
    containerStatuses: states,
    qosClass: qosOf(containers),
  }
}

const qosOf = (containers: JsonObject[]) =>
  containers.some(({ resources }) => resources?.requests || resources?.limits) ? 'Burstable' : 'BestEffort'
