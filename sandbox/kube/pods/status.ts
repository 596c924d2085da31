import { createHash } from 'node:crypto'
import type { Cloud } from '../../cloud.ts'
import { emit } from '../controllers/events.ts'
import { resourceOf } from '../objects/resources.ts'
import { selects } from '../objects/selectors.ts'
import { list, read, timestamp, write } from '../objects/store.ts'
import type { KubeCluster, KubeObject, Open, PodRuntime } from '../state.ts'
import { isProgram } from './command.ts'
import { unmountable } from './volumes.ts'

const number = (text: string) => createHash('sha256').update(text).digest().readUInt32BE()

/** Gives the pod a node, if one suits its selector. */
export function schedule(cloud: Cloud, cluster: KubeCluster, pod: KubeObject): KubeObject {
  if (pod.spec.nodeName) return pod
  const wanted = { 'kubernetes.io/os': 'linux', ...pod.spec.nodeSelector }
  const nodes = list(cluster, resourceOf('Node'))
  const fitting = nodes.filter((node) => selects({ matchLabels: wanted }, node.metadata.labels))
  const node = fitting[number(pod.metadata.uid) % (fitting.length || 1)]
  if (!node) {
    emit(cloud, cluster, pod, {
      type: 'Warning',
      reason: 'FailedScheduling',
      message: unschedulable(nodes.length),
      component: 'default-scheduler',
    })
    return pod
  }
  emit(cloud, cluster, pod, {
    type: 'Normal',
    reason: 'Scheduled',
    message: `Successfully assigned ${pod.metadata.namespace}/${pod.metadata.name} to ${node.metadata.name}`,
    component: 'default-scheduler',
  })
  return write(cloud, cluster, resourceOf('Pod'), {
    ...pod,
    spec: { ...pod.spec, nodeName: node.metadata.name },
  })
}

const unschedulable = (nodes: number) =>
  `0/${nodes} nodes are available: ${nodes} node(s) didn't match Pod's node affinity/selector. preemption: 0/${nodes} nodes are available: ${nodes} Preemption is not helpful for scheduling.`

const imageName = (image: string) =>
  /^[^/]+[.:][^/]*\//.test(image) ? image : `docker.io/${image.includes('/') ? image : `library/${image}`}`

function containerStatus(
  of: Open,
  runtime: PodRuntime,
  started: number | undefined,
  restart: string,
  uid: string,
): Open {
  const ended = runtime.ended?.[of.name]
  const id = `containerd://${createHash('sha256')
    .update(`${uid}${of.name}${runtime.restarts ?? 0}`)
    .digest('hex')}`
  const image = imageName(of.image)
  const over = ended && {
    exitCode: ended.code,
    reason: ended.code === 0 ? 'Completed' : 'Error',
    startedAt: timestamp(started ?? ended.at),
    finishedAt: timestamp(ended.at),
    containerID: id,
  }
  const again = restart === 'Always' || (restart === 'OnFailure' && ended?.code !== 0)
  const state: Open =
    started === undefined
      ? { waiting: { reason: 'ContainerCreating' } }
      : over && !again
        ? { terminated: over }
        : over && runtime.ready === false
          ? {
              waiting: {
                reason: 'CrashLoopBackOff',
                message: `back-off restarting failed container=${of.name}`,
              },
            }
          : { running: { startedAt: timestamp(started) } }
  const running = 'running' in state
  return {
    name: of.name,
    state,
    lastState: over && again ? { terminated: over } : {},
    ready: running && runtime.ready === true,
    restartCount: runtime.restarts ?? 0,
    image: started === undefined ? of.image : image,
    imageID:
      started === undefined
        ? ''
        : `${image.replace(/:[^/]*$/, '')}@sha256:${createHash('sha256').update(image).digest('hex')}`,
    ...(started === undefined ? {} : { containerID: id }),
    started: running,
  }
}

/** The pod's status at this moment of the cloud's clock. */
export function podStatus(cloud: Cloud, cluster: KubeCluster, pod: KubeObject): Open {
  const { uid, creationTimestamp } = pod.metadata
  const runtime = cluster.pods[uid] ?? { startsAt: cloud.now() }
  cluster.pods[uid] = runtime
  const containers = pod.spec.containers as Open[]
  const had = (pod.status?.conditions ?? []) as Open[]
  const condition = (type: string, ok: boolean, why: Open = {}) => {
    const status = ok ? 'True' : 'False'
    const before = had.find((each) => each.type === type)
    const since = before?.status === status ? before.lastTransitionTime : timestamp(cloud.now())
    return { type, status, lastProbeTime: null, lastTransitionTime: since, ...(ok ? {} : why) }
  }
  if (!pod.spec.nodeName)
    return {
      phase: 'Pending',
      conditions: [
        condition('PodScheduled', false, {
          reason: 'Unschedulable',
          message: unschedulable(list(cluster, resourceOf('Node')).length),
        }),
      ],
      qosClass: 'BestEffort',
    }
  const blocked = unmountable(cluster, pod)
  if (blocked) {
    emit(cloud, cluster, pod, {
      type: 'Warning',
      reason: 'FailedMount',
      message: blocked,
      component: 'kubelet',
    })
    runtime.startsAt = Math.max(runtime.startsAt, cloud.now())
  }
  const started = !blocked && cloud.now() >= runtime.startsAt ? runtime.startsAt : undefined
  const programs = containers.filter(isProgram)
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
  const node = read(cluster, resourceOf('Node'), '', pod.spec.nodeName)
  const address = node?.status.addresses.find((each: Open) => each.type === 'InternalIP')?.address
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

const qosOf = (containers: Open[]) =>
  containers.some(({ resources }) => resources?.requests || resources?.limits) ? 'Burstable' : 'BestEffort'
