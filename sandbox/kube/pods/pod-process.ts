import { type ChildProcess, spawn } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import type { Simulator } from '../../simulator.ts'
import type { JsonObject, KubeCluster, StoredObject } from '../state.ts'
import { nodeArguments, rejectedOption } from './command.ts'
import { containerEnvironment } from './environment.ts'
import { initScript } from './init-script.ts'
import { harmlessVariables, permissionOptions } from './sandboxed-node.ts'
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

/** Returns the arguments of `node`, or those of a script that reports the option that is not permitted. */
function permittedArguments(container: JsonObject): string[] {
  const args = nodeArguments(container) ?? []
  const option = rejectedOption(args)
  if (option === undefined) return args
  const message = `node: the sandbox does not permit the option ${option.replace(/=.*/s, '')}`
  return ['--eval', `console.error(${JSON.stringify(message)}); process.exit(9)`]
}

/** Spawns a container's script. Descriptor 3 is the pipe on which it reports its ports. */
function spawnContainer(
  simulator: Simulator,
  cluster: KubeCluster,
  pod: StoredObject,
  container: JsonObject,
  { folder, root, mounts, writable }: { folder: string; root: string; mounts: string[]; writable: string[] },
): ChildProcess {
  const initFile = join(folder, 'preload.mjs')
  writeFileSync(initFile, initScript(simulator), { mode: 0o600 })
  // The state folder, in which the certificate is too, is not readable for the pod.
  const caFile = join(folder, 'ca.pem')
  copyFileSync(simulator.caFile, caFile)
  const toHost = (text: string) => toHostPath(root, mounts, text)
  const environment = Object.entries(containerEnvironment(cluster, pod, container)).map(([name, value]) => [
    name,
    toHost(value),
  ])
  const workingDir = container.workingDir ? toHost(container.workingDir) : folder
  return spawn(
    process.execPath,
    [
      ...permissionOptions(folder, writable),
      '--import',
      pathToFileURL(initFile).href,
      ...permittedArguments(container).map(toHost),
    ],
    {
      cwd: existsSync(workingDir) ? workingDir : folder,
      env: {
        ...systemVariables,
        HOME: folder,
        TMPDIR: folder,
        NODE_EXTRA_CA_CERTS: caFile,
        ...harmlessVariables(Object.fromEntries(environment)),
      },
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
      windowsHide: true,
    },
  )
}

/** Collects the output of a process; `text` holds its last part. */
function collectLog(child: ChildProcess) {
  const log = { text: '', printed: 0 }
  const collect = (chunk: Buffer) => {
    const text = chunk.toString()
    log.printed += text.length
    log.text = (log.text + text).slice(-maxLogLength)
  }
  child.stdout!.on('data', collect)
  child.stderr!.on('data', collect)
  return log
}

function collectPorts(child: ChildProcess): Map<number, number> {
  const ports = new Map<number, number>()
  ;(child.stdio[3] as Readable).on('data', (chunk: Buffer) => {
    for (const line of chunk.toString().split('\n').filter(Boolean)) {
      const [requested, actual] = line.split(' ').map(Number)
      ports.set(requested!, actual!)
    }
  })
  return ports
}

/** Starts a container's script in a private folder. `onExit` gets its exit code and log unless it was stopped. */
export async function startProcess(
  simulator: Simulator,
  cluster: KubeCluster,
  pod: StoredObject,
  container: JsonObject,
  onExit: (code: number, log: string) => void,
): Promise<PodProcess> {
  // Node.js compares real paths.
  const folder = realpathSync(mkdtempSync(join(simulator.podsFolder, 'pod-')))
  const root = join(folder, 'root')
  const { tokens, ...mounted } = await mountVolumes(simulator, cluster, pod, container, root)
  const child = spawnContainer(simulator, cluster, pod, container, { folder, root, ...mounted })
  child.stdin!.on('error', () => {})
  const log = collectLog(child)
  let stopped = false
  const exited = new Promise<void>((resolve) => {
    const end = (code: number) => {
      if (!podProcess.running) return
      podProcess.running = false
      clearInterval(refreshTimer)
      rmSync(folder, { recursive: true, force: true })
      if (!stopped) onExit(code, log.text)
      resolve()
    }
    child.once('close', (code, signal) => end(code ?? (signal === 'SIGKILL' ? 137 : 143)))
    child.once('error', (error) => {
      log.text += `${error.message}\n`
      end(128)
    })
  })
  const podProcess: PodProcess = {
    uid: pod.metadata.uid,
    container: container.name,
    ports: collectPorts(child),
    since: performance.now(),
    log: () => log.text,
    printed: () => log.printed,
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
