import { request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { StreamedBody } from '../../http.ts'
import type { Simulator } from '../../simulator.ts'
import { resourceForKind } from '../objects/resources.ts'
import { getObject, listObjects } from '../objects/store.ts'
import type { JsonObject, KubeCluster, StoredObject } from '../state.ts'
import { isRunnable } from './command.ts'
import { type PodProcess, startProcess } from './pod-process.ts'
import { mountFailure } from './volumes.ts'

const patience = 10_000

/** The processes of each cloud by `{pod uid}/{container}`; starting ones too. */
const processes = new WeakMap<Simulator, Map<string, Promise<PodProcess>>>()

const running = (simulator: Simulator) => {
  const found = processes.get(simulator) ?? new Map<string, Promise<PodProcess>>()
  processes.set(simulator, found)
  return found
}

/** Ends these pods' processes. */
export function stopPods(simulator: Simulator, uids: string[]): void {
  for (const [key, starting] of running(simulator))
    if (uids.includes(key.split('/')[0]!)) {
      running(simulator).delete(key)
      void starting.then((each) => each.stop()).catch(() => {})
    }
}

/** Ends all processes; they start again when somebody asks for them. */
export async function stopAllPods(simulator: Simulator): Promise<void> {
  const all = [...running(simulator).values()]
  running(simulator).clear()
  await Promise.all(all.map((each) => each.then((process) => process.stop()).catch(() => {})))
}

const pace = (simulator: Simulator) => simulator.durationOf('podStart') / 15_000

function mayStart(
  simulator: Simulator,
  cluster: KubeCluster,
  pod: StoredObject,
  container: JsonObject,
): boolean {
  const runtime = cluster.pods[pod.metadata.uid]
  if (!runtime || !pod.spec.nodeName || simulator.now() < runtime.startsAt || mountFailure(cluster, pod))
    return false
  const ended = runtime.ended?.[container.name]
  if (!ended) return true
  const { restartPolicy } = pod.spec
  if (restartPolicy === 'Never' || (restartPolicy === 'OnFailure' && ended.code === 0)) return false
  const wait = Math.min(300, 10 * 2 ** ((runtime.restarts ?? 1) - 1)) * 1000 * pace(simulator)
  return simulator.now() >= ended.at + Math.max(wait, 200)
}

async function start(
  simulator: Simulator,
  cluster: KubeCluster,
  pod: StoredObject,
  container: JsonObject,
): Promise<PodProcess | undefined> {
  const key = `${pod.metadata.uid}/${container.name}`
  const found = await running(simulator)
    .get(key)
    ?.catch(() => undefined)
  if (found?.running) return found
  if (!mayStart(simulator, cluster, pod, container)) return undefined
  const runtime = cluster.pods[pod.metadata.uid]!
  const starting = startProcess(simulator, cluster, pod, container, (code, log) => {
    running(simulator).delete(key)
    runtime.ended = { ...runtime.ended, [container.name]: { code, at: simulator.now(), log } }
    runtime.ready = false
    if (pod.spec.restartPolicy !== 'Never') runtime.restarts = (runtime.restarts ?? 0) + 1
    simulator.markChanged()
  })
  running(simulator).set(key, starting)
  return starting
}

const answers = (port: number, path: string) =>
  new Promise<boolean>((resolve) => {
    const sent = request({ host: '127.0.0.1', port, path, timeout: 1000 }, (response) => {
      response.resume()
      resolve((response.statusCode ?? 500) < 400)
    })
    sent.on('error', () => resolve(false)).on('timeout', () => sent.destroy())
    sent.end()
  })

/** True when the container serves what it declares, and its readiness probe holds. */
async function isUp(process: PodProcess, container: JsonObject): Promise<boolean> {
  if (!process.running) return false
  const declared = ((container.ports ?? []) as JsonObject[]).filter((port) => port.protocol !== 'UDP')
  if (declared.length && process.ports.size === 0) return false
  const probe = container.readinessProbe?.httpGet
  if (!probe) return true
  const wanted =
    typeof probe.port === 'number'
      ? probe.port
      : declared.find((port) => port.name === probe.port)?.containerPort
  const port = process.ports.get(wanted)
  return port !== undefined && answers(port, probe.path ?? '/')
}

/** Waits until `ready` or, counted from the process's start, for as long as a client may wait. */
async function settled(process: PodProcess, ready: () => Promise<boolean>, wait: boolean): Promise<boolean> {
  for (;;) {
    if (await ready()) return true
    if (!wait || !process.running || performance.now() - process.since > patience) return false
    await delay(15)
  }
}

/** Starts what the pod runs, and finds out whether it is ready. With `wait`, for as long as it may take. */
export async function startPod(
  simulator: Simulator,
  cluster: KubeCluster,
  pod: StoredObject,
  wait: boolean,
): Promise<void> {
  const containers = (pod.spec.containers as JsonObject[]).filter(isRunnable)
  const runtime = cluster.pods[pod.metadata.uid]
  if (!containers.length || !runtime) return
  const runsOnce = pod.spec.restartPolicy !== 'Always'
  let ready = true
  for (const container of containers) {
    const process = await start(simulator, cluster, pod, container)
    if (!process) {
      ready = false
      continue
    }
    await process.refresh().catch(() => {})
    const up = await settled(
      process,
      async () => (runsOnce ? !process.running : isUp(process, container)),
      wait,
    )
    ready &&= runsOnce ? process.running && (await isUp(process, container)) : up
  }
  if (runtime.ready === ready) return
  runtime.ready = ready
  simulator.markChanged()
}

/**
 * Starts every pod that is due. The answer waits for them at pace 0, where nothing takes time, and for those that were
 * ready when the sandbox last ended: to its clients it never was away.
 */
export async function startDuePods(simulator: Simulator, cluster: KubeCluster): Promise<void> {
  const pods = listObjects(cluster, resourceForKind('Pod')).filter(
    (pod) => !['Succeeded', 'Failed'].includes(pod.status?.phase),
  )
  await Promise.all(
    pods.map((pod) =>
      startPod(
        simulator,
        cluster,
        pod,
        pace(simulator) === 0 || cluster.pods[pod.metadata.uid]?.ready === true,
      ),
    ),
  )
}

/** This machine's port behind a pod's port, its process started and listening; undefined when nothing listens. */
export async function localPort(
  simulator: Simulator,
  cluster: KubeCluster,
  pod: StoredObject,
  port: number,
): Promise<number | undefined> {
  for (const container of (pod.spec.containers as JsonObject[]).filter(isRunnable)) {
    const process = await start(simulator, cluster, pod, container)
    if (!process) continue
    await process.refresh().catch(() => {})
    await settled(process, async () => process.ports.has(port), true)
    const found = process.ports.get(port)
    if (found !== undefined) return found
  }
  return undefined
}

/** What a container has printed; of its process before with `previous`. */
export async function containerLog(
  simulator: Simulator,
  cluster: KubeCluster,
  pod: StoredObject,
  container: string,
  previous: boolean,
): Promise<string> {
  const current = await running(simulator)
    .get(`${pod.metadata.uid}/${container}`)
    ?.catch(() => undefined)
  const ended = getObject(cluster, resourceForKind('Pod'), pod.metadata.namespace!, pod.metadata.name)
    ? cluster.pods[pod.metadata.uid]?.ended?.[container]?.log
    : undefined
  return (previous ? ended : (current?.log() ?? ended)) ?? ''
}

const glance = 100

/** What a container prints from now on, until its process or its pod ends. */
export async function followLog(
  simulator: Simulator,
  cluster: KubeCluster,
  pod: StoredObject,
  container: string,
): Promise<StreamedBody> {
  const process = await running(simulator)
    .get(`${pod.metadata.uid}/${container}`)
    ?.catch(() => undefined)
  let told = process?.printed() ?? 0
  const isThere = () =>
    (process === undefined || process.running) &&
    getObject(cluster, resourceForKind('Pod'), pod.metadata.namespace!, pod.metadata.name)?.metadata.uid ===
      pod.metadata.uid
  return async function* (gone) {
    while (!gone.aborted) {
      const last = !isThere()
      const more = (process?.printed() ?? 0) - told
      told += more
      if (process && more > 0) yield process.log().slice(-more)
      if (last) return
      await delay(glance, undefined, { ref: false })
    }
  }
}
