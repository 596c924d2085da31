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

const readyTimeout = 10_000

/** Processes by `{pod uid}/{container}`, including those that are starting. */
const processes = new WeakMap<Simulator, Map<string, Promise<PodProcess>>>()

const processesOf = (simulator: Simulator) => {
  const found = processes.get(simulator) ?? new Map<string, Promise<PodProcess>>()
  processes.set(simulator, found)
  return found
}

/** Stops the processes of these pods. */
export function stopPods(simulator: Simulator, uids: string[]): void {
  for (const [key, starting] of processesOf(simulator))
    if (uids.includes(key.split('/')[0]!)) {
      processesOf(simulator).delete(key)
      void starting.then((each) => each.stop()).catch(() => {})
    }
}

/** Stops all processes. They start again when a request needs them. */
export async function stopAllPods(simulator: Simulator): Promise<void> {
  const all = [...processesOf(simulator).values()]
  processesOf(simulator).clear()
  await Promise.all(all.map((each) => each.then((process) => process.stop()).catch(() => {})))
}

const paceOf = (simulator: Simulator) => simulator.durationOf('podStart') / 15_000

function isDue(
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
  const wait = Math.min(300, 10 * 2 ** ((runtime.restarts ?? 1) - 1)) * 1000 * paceOf(simulator)
  return simulator.now() >= ended.at + Math.max(wait, 200)
}

async function startContainer(
  simulator: Simulator,
  cluster: KubeCluster,
  pod: StoredObject,
  container: JsonObject,
): Promise<PodProcess | undefined> {
  const key = `${pod.metadata.uid}/${container.name}`
  const found = await processesOf(simulator)
    .get(key)
    ?.catch(() => undefined)
  if (found?.running) return found
  if (!isDue(simulator, cluster, pod, container)) return undefined
  const runtime = cluster.pods[pod.metadata.uid]!
  const starting = startProcess(simulator, cluster, pod, container, (code, log) => {
    processesOf(simulator).delete(key)
    runtime.ended = { ...runtime.ended, [container.name]: { code, at: simulator.now(), log } }
    runtime.ready = false
    if (pod.spec.restartPolicy !== 'Never') runtime.restarts = (runtime.restarts ?? 0) + 1
    simulator.markChanged()
  })
  processesOf(simulator).set(key, starting)
  return starting
}

const probeHttp = (port: number, path: string) =>
  new Promise<boolean>((resolve) => {
    const sent = request({ host: '127.0.0.1', port, path, timeout: 1000 }, (response) => {
      response.resume()
      resolve((response.statusCode ?? 500) < 400)
    })
    sent.on('error', () => resolve(false)).on('timeout', () => sent.destroy())
    sent.end()
  })

/** True if the container listens on the ports that it declares, and its readiness probe succeeds. */
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
  return port !== undefined && probeHttp(port, probe.path ?? '/')
}

/** Waits until `ready`, at most until the ready timeout after the process's start. */
async function waitUntil(
  process: PodProcess,
  ready: () => Promise<boolean>,
  wait: boolean,
): Promise<boolean> {
  for (;;) {
    if (await ready()) return true
    if (!wait || !process.running || performance.now() - process.since > readyTimeout) return false
    await delay(15)
  }
}

/** Starts the processes of a pod and updates its readiness. With `wait`, waits until they are ready. */
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
    const process = await startContainer(simulator, cluster, pod, container)
    if (!process) {
      ready = false
      continue
    }
    await process.refresh().catch(() => {})
    const isReady = await waitUntil(
      process,
      async () => (runsOnce ? !process.running : isUp(process, container)),
      wait,
    )
    ready &&= runsOnce ? process.running && (await isUp(process, container)) : isReady
  }
  if (runtime.ready === ready) return
  runtime.ready = ready
  simulator.markChanged()
}

/**
 * Starts every pod that is due. Waits for all of them at pace 0, and otherwise for those that were ready when the sandbox
 * last stopped, so that clients don't notice the restart.
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
        paceOf(simulator) === 0 || cluster.pods[pod.metadata.uid]?.ready === true,
      ),
    ),
  )
}

/** Returns the local port of a pod's port, once its process listens, or `undefined` if nothing listens. */
export async function localPort(
  simulator: Simulator,
  cluster: KubeCluster,
  pod: StoredObject,
  port: number,
): Promise<number | undefined> {
  for (const container of (pod.spec.containers as JsonObject[]).filter(isRunnable)) {
    const process = await startContainer(simulator, cluster, pod, container)
    if (!process) continue
    await process.refresh().catch(() => {})
    await waitUntil(process, async () => process.ports.has(port), true)
    const found = process.ports.get(port)
    if (found !== undefined) return found
  }
  return undefined
}

/** Returns the log of a container; with `previous`, that of its previous process. */
export async function containerLog(
  simulator: Simulator,
  cluster: KubeCluster,
  pod: StoredObject,
  container: string,
  previous: boolean,
): Promise<string> {
  const current = await processesOf(simulator)
    .get(`${pod.metadata.uid}/${container}`)
    ?.catch(() => undefined)
  const ended = getObject(cluster, resourceForKind('Pod'), pod.metadata.namespace!, pod.metadata.name)
    ? cluster.pods[pod.metadata.uid]?.ended?.[container]?.log
    : undefined
  return (previous ? ended : (current?.log() ?? ended)) ?? ''
}

const pollInterval = 100

/** Streams what a container prints from now on, until its process ends or its pod is deleted. */
export async function followLog(
  simulator: Simulator,
  cluster: KubeCluster,
  pod: StoredObject,
  container: string,
): Promise<StreamedBody> {
  const process = await processesOf(simulator)
    .get(`${pod.metadata.uid}/${container}`)
    ?.catch(() => undefined)
  let printedBefore = process?.printed() ?? 0
  const isRunning = () =>
    (process === undefined || process.running) &&
    getObject(cluster, resourceForKind('Pod'), pod.metadata.namespace!, pod.metadata.name)?.metadata.uid ===
      pod.metadata.uid
  return async function* (gone) {
    while (!gone.aborted) {
      const last = !isRunning()
      const more = (process?.printed() ?? 0) - printedBefore
      printedBefore += more
      if (process && more > 0) yield process.log().slice(-more)
      if (last) return
      await delay(pollInterval, undefined, { ref: false })
    }
  }
}
