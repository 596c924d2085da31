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

/** A container that really runs. */
export interface PodProcess {
  uid: string
  container: string
  /** Ports of this machine by the ports that the script asked for. */
  ports: Map<number, number>
  since: number
  log(): string
  /** Characters printed so far, those that the log has lost included. */
  printed(): number
  running: boolean
  /** Takes new tokens when it is time. */
  refresh(): Promise<void>
  stop(): Promise<void>
}

const longestLog = 256 * 1024

/** What a process on Windows can't do without. */
const system: Record<string, string> =
  process.platform === 'win32' && process.env.SystemRoot ? { SystemRoot: process.env.SystemRoot } : {}

/** Starts a container's script in a private folder. `ended` is told its exit code and log, unless it was stopped. */
export async function startProcess(
  simulator: Simulator,
  cluster: KubeCluster,
  pod: StoredObject,
  container: JsonObject,
  ended: (code: number, log: string) => void,
): Promise<PodProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'wi-pod-'))
  const root = join(folder, 'root')
  const { mounts, tokens } = await mountVolumes(simulator, cluster, pod, container, root)
  const preloadFile = join(folder, 'preload.mjs')
  writeFileSync(preloadFile, initScript(simulator), { mode: 0o600 })
  const mapped = (text: string) => toHostPath(root, mounts, text)
  const environment = Object.entries(containerEnvironment(cluster, pod, container)).map(([name, value]) => [
    name,
    mapped(value),
  ])
  const workingDir = container.workingDir ? mapped(container.workingDir) : folder
  const child: ChildProcess = spawn(
    process.execPath,
    ['--import', pathToFileURL(preloadFile).href, ...(nodeArguments(container) ?? []).map(mapped)],
    {
      cwd: existsSync(workingDir) ? workingDir : folder,
      env: {
        ...system,
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
    log = (log + text).slice(-longestLog)
  }
  child.stdout!.on('data', collect)
  child.stderr!.on('data', collect)
  child.stdin!.on('error', () => {})
  const ports = new Map<number, number>()
  ;(child.stdio[3] as Readable).on('data', (chunk: Buffer) => {
    for (const line of chunk.toString().split('\n').filter(Boolean)) {
      const [asked, given] = line.split(' ').map(Number)
      ports.set(asked!, given!)
    }
  })
  const gone = new Promise<void>((resolve) => {
    const end = (code: number) => {
      if (!made.running) return
      made.running = false
      clearInterval(ticking)
      rmSync(folder, { recursive: true, force: true })
      if (!stopped) ended(code, log)
      resolve()
    }
    child.once('close', (code, signal) => end(code ?? (signal === 'SIGKILL' ? 137 : 143)))
    child.once('error', (error) => {
      log += `${error.message}\n`
      end(128)
    })
  })
  const made: PodProcess = {
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
      await gone
    },
  }
  const ticking = setInterval(() => void made.refresh().catch(() => {}), 30_000)
  ticking.unref()
  return made
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
