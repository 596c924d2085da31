import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { SandboxError } from '../sandbox-error.ts'
import type { SandboxState } from '../sandbox-state.ts'
import type { Simulator } from '../simulator.ts'
import { acquireOrJoin, guests, guestsFolder, lockFile } from './folder-lock.ts'
import { markerFile, type RunningMarker, runningSandbox } from './marker.ts'
import type { SandboxOptions } from './options.ts'
import { createPrivateFolder, writePrivate } from './private-files.ts'
import { type Sandbox, startSandbox } from './start.ts'
import { stateFile, stateFileName } from './state-file.ts'

/** A sandbox that this process uses as its cloud: it serves the folder itself, or joins the process that does. */
export interface SandboxSession {
  dir: string
  /** Only if this process serves the sandbox. */
  simulator: Simulator | undefined
  arm: string
  ca: string
  caFile: string
  tenantId: string
  subscriptionId: string
  operator: { clientId: string; clientSecret: string }
  proxy: string
  /** True if another process serves it. */
  shared: boolean
  /** With `linger`, goes on serving until the processes that joined have ended. */
  close(linger?: boolean): Promise<void>
}

/** Serves the sandbox folder, or joins the process that serves it. Throws `SandboxError`. */
export async function openSandbox(
  dir: string,
  pid: number,
  options: Omit<SandboxOptions, 'stateDir'>,
): Promise<SandboxSession> {
  createPrivateFolder(dir)
  const marker = await acquireOrJoin(dir, pid)
  return marker ? joinRunning(dir, pid, marker) : serve(dir, pid, options)
}

type Served = Pick<SandboxSession, 'arm' | 'proxy' | 'simulator' | 'shared' | 'close'>

const session = (dir: string, state: SandboxState, served: Served): SandboxSession => ({
  dir,
  ca: readFileSync(join(dir, 'ca.pem'), 'utf8'),
  caFile: join(dir, 'ca.pem'),
  tenantId: state.tenant.id,
  subscriptionId: state.subscription.id,
  operator: state.operator,
  ...served,
})

/** Registers this process as a guest of the process that serves the folder. */
function joinRunning(dir: string, pid: number, { arm, proxy }: RunningMarker): SandboxSession {
  mkdirSync(guestsFolder(dir), { recursive: true, mode: 0o700 })
  const entry = join(guestsFolder(dir), String(pid))
  writeFileSync(entry, '')
  return session(dir, stateFile(dir).load()!, {
    arm,
    proxy,
    simulator: undefined,
    shared: true,
    close: async () => rmSync(entry, { force: true }),
  })
}

async function serve(
  dir: string,
  pid: number,
  options: Omit<SandboxOptions, 'stateDir'>,
): Promise<SandboxSession> {
  const release = () => rmSync(lockFile(dir), { force: true })
  let sandbox: Sandbox
  try {
    sandbox = await startSandbox({ ...options, stateDir: dir })
  } catch (error) {
    release()
    throw portError(error) ?? error
  }
  const { simulator, state, proxy } = sandbox
  const { arm, control } = simulator.addresses
  writePrivate(
    markerFile(dir),
    JSON.stringify({ pid, host: simulator.host, arm, control, proxy } satisfies RunningMarker),
  )
  return session(dir, state, {
    arm,
    proxy,
    simulator,
    shared: false,
    async close(linger = false) {
      while (linger && guests(dir).length > 0) await delay(50)
      rmSync(markerFile(dir), { force: true })
      await sandbox.close()
      release()
    },
  })
}

function portError(error: unknown): SandboxError | undefined {
  const { code, port } = error as NodeJS.ErrnoException & { port?: number }
  if (code !== 'EADDRINUSE') return undefined
  return new SandboxError(
    `Can't start the sandbox: port ${port} is in use by another program`,
    'Stop that program, or start with an empty sandbox on another port: npx wi-setup sandbox reset',
  )
}

/** Deletes the saved state and the journal. Returns `running`, and deletes nothing, while the sandbox is served. */
export async function resetSandbox(dir: string): Promise<'done' | 'running'> {
  if (await runningSandbox(dir)) return 'running'
  for (const name of [stateFileName, 'journal.jsonl', 'running.json'])
    rmSync(join(dir, name), { force: true })
  return 'done'
}
