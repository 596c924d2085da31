import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import type { Simulator } from '../../simulator.ts'
import type { JsonObject, KubeCluster, StoredObject } from '../state.ts'
import { nodeArguments } from './command.ts'
import { containerEnvironment } from './environment.ts'
import { initScript } from './init-script.ts'
import { mountVolumes, type TokenFile, toHostPath, writeToken } from './volumes.ts'

/** The process of a container. */
export interface PodProcess {
  uid: string
  container: string
  /** Local ports by the ports that the script requested. */
  ports: Map<number, number>
  since: number
  log(): string
  /** Number of characters printed so far. The log holds only the last ones. */
  printed(): number
  running: boolean
  /** Replaces tokens that are due for refresh. */
  refresh(): Promise<void>
  stop(): Promise<void>
}

const maxLogLength = 256 * 1024

/** Variables that every process on Windows needs. */
const systemVariables: Record<string, string> =
  process.platform === 'win32' && process.env.SystemRoot ? { SystemRoot: process.env.SystemRoot } : {}

/** Starts a container's script in a private folder. `onExit` gets its exit code and log unless it was stopped. */
export async function startProcess(
  simulator: Simulator,
  cluster: KubeCluster,
  pod: StoredObject,
  container: JsonObject,
  onExit: (code: number, log: string) => void,
): Promise<PodProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'wi-pod-'))
  const root = join(folder, 'root')
  const { mounts, tokens } = await mountVolumes(simulator, cluster, pod, container, root)
  const initFile = join(folder, 'preload.mjs')
  writeFileSync(initFile, initScript(simulator), { mode: 0o600 })
  const toHost = (text: string) => toHostPath(root, mounts, text)
  const environment = Object.entries(containerEnvironment(cluster, pod, container)).map(([name, value]) => [
    name,
    toHost(value),
  ])
  const workingDir = container.workingDir ? toHost(container.workingDir) : folder
  const child: ChildProcess = spawn(
    process.execPath,
    ['--import', pathToFileURL(initFile).href, ...(nodeArguments(container) ?? []).map(toHost)],
    {
      cwd: existsSync(workingDir) ? workingDir : folder,
      env: {
        ...systemVariables,
        HOME: folder,
        NODE_EXTRA_CA_CERTS: simulator.caFile,
        ...Object.fromEntries(environment),
      },
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
      windowsHide: true,
    },
  )
  let log = ''
  let printed = 0
  let stopped = false
  const collect = (chunk: Buffer) => {
    const text = chunk.toString()
    printed += text.length
    log = (log + text).slice(-maxLogLength)
  }
  child.stdout!.on('data', collect)
  child.stderr!.on('data', collect)
  child.stdin!.on('error', () => {})
  const ports = new Map<number, number>()
  ;(child.stdio[3] as Readable).on('data', (chunk: Buffer) => {
    for (const line of chunk.toString().split('\n').filter(Boolean)) {
      const [requested, actual] = line.split(' ').map(Number)
      ports.set(requested!, actual!)
    }
  })
  const exited = new Promise<void>((resolve) => {
    const end = (code: number) => {
      if (!podProcess.running) return
      podProcess.running = false
      clearInterval(refreshTimer)
      rmSync(folder, { recursive: true, force: true })
      if (!stopped) onExit(code, log)
      resolve()
    }
    child.once('close', (code, signal) => end(code ?? (signal === 'SIGKILL' ? 137 : 143)))
    child.once('error', (error) => {
      log += `${error.message}\n`
      end(128)
    })
  })
  const podProcess: PodProcess = {
    uid: pod.metadata.uid,
    container: container.name,
    ports,
    since: performance.now(),
    log: () => log,
    printed: () => printed,
    running: true,
    refresh: () => refresh(simulator, cluster, pod, tokens),
    stop: async () => {
      stopped = true
      child.kill('SIGKILL')
      await exited
    },
  }
  const refreshTimer = setInterval(() => void podProcess.refresh().catch(() => {}), 30_000)
  refreshTimer.unref()
  return podProcess
}

async function refresh(
  simulator: Simulator,
  cluster: KubeCluster,
  pod: StoredObject,
  tokens: TokenFile[],
): Promise<void> {
  for (const token of tokens)
    if (simulator.now() >= token.refreshAt) await writeToken(simulator, cluster, pod, token)
}
