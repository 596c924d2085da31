import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { subscriptionsOf } from '../arm/subscription-path.ts'
import { ciHosts } from '../ci/hosts.ts'
import { SandboxError } from '../sandbox-error.ts'
import type { SandboxState } from '../sandbox-state.ts'
import type { Simulator } from '../simulator.ts'
import { type Claim, claim, type ProcessNames, watchClaims } from './claims.ts'
import { acquireOrJoin, guestsFolder } from './folder-lock.ts'
import { markerFile, type RunningMarker } from './marker.ts'
import type { SandboxOptions } from './options.ts'
import { createPrivateFolder, restrictContents, writePrivate } from './private-files.ts'
import { removeDrafts } from './reset.ts'
import { type Sandbox, startSandbox } from './start.ts'
import { damaged, readState, stateFileName } from './state-file.ts'

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
  /** All of the tenant, the default one first. */
  subscriptions: { id: string; displayName: string }[]
  operator: { clientId: string; clientSecret: string }
  proxy: string
  /** Hosts of the simulated CI systems, by the name of their issuer. */
  issuerHosts: Record<string, string>
  /** True if another process serves it. */
  shared: boolean
  /** With `linger`, goes on serving until the processes that joined have ended. */
  close(linger?: boolean): Promise<void>
}

/** Serves the sandbox folder, or joins the process that serves it. Throws `SandboxError`. */
export async function openSandbox(
  dir: string,
  processes: ProcessNames,
  options: Omit<SandboxOptions, 'stateDir'>,
): Promise<SandboxSession> {
  createPrivateFolder(dir)
  restrictContents(dir)
  const access = await acquireOrJoin(dir, processes)
  return access.running
    ? joinRunning(dir, processes, access.running)
    : serve(dir, processes, access.lock, options)
}

type Served = Pick<SandboxSession, 'issuerHosts' | 'arm' | 'proxy' | 'simulator' | 'shared' | 'close'>

const session = (dir: string, state: SandboxState, served: Served): SandboxSession => ({
  dir,
  ca: readFileSync(join(dir, 'ca.pem'), 'utf8'),
  caFile: join(dir, 'ca.pem'),
  tenantId: state.tenant.id,
  subscriptionId: state.subscription.id,
  subscriptions: subscriptionsOf(state),
  operator: state.operator,
  ...served,
})

/** Registers this process as a guest of the process that serves the folder. */
function joinRunning(
  dir: string,
  processes: ProcessNames,
  { arm, proxy, issuerHosts = {} }: RunningMarker,
): SandboxSession {
  const entry = claim(guestsFolder(dir), processes)
  try {
    const state = readState(dir)
    if (!state) throw damaged(join(dir, stateFileName), 'is missing, although the sandbox runs')
    return session(dir, state, {
      arm,
      proxy,
      issuerHosts,
      simulator: undefined,
      shared: true,
      close: async () => entry.release(),
    })
  } catch (error) {
    entry.release()
    throw error
  }
}

async function serve(
  dir: string,
  processes: ProcessNames,
  lock: Claim,
  options: Omit<SandboxOptions, 'stateDir'>,
): Promise<SandboxSession> {
  let sandbox: Sandbox | undefined
  try {
    removeDrafts(dir)
    sandbox = await startSandbox({ ...options, stateDir: dir })
    writeMarker(dir, sandbox)
    return served(dir, processes, lock, sandbox)
  } catch (error) {
    // The error of the start is the one to report.
    await (sandbox && stop(dir, sandbox).catch(() => {}))
    lock.release()
    throw portError(error) ?? error
  }
}

function served(dir: string, processes: ProcessNames, lock: Claim, sandbox: Sandbox): SandboxSession {
  const { simulator, state, proxy } = sandbox
  const guests = watchClaims(guestsFolder(dir), processes)
  return session(dir, state, {
    arm: simulator.addresses.arm,
    proxy,
    issuerHosts: ciHosts(simulator),
    simulator,
    shared: false,
    async close(linger = false) {
      while (linger && guests().length > 0) await delay(50)
      await stop(dir, sandbox).finally(lock.release)
    },
  })
}

/** Stops serving. The file that says so is removed first. */
async function stop(dir: string, sandbox: Sandbox): Promise<void> {
  try {
    rmSync(markerFile(dir), { force: true })
  } finally {
    await sandbox.close()
  }
}

function writeMarker(dir: string, { simulator, proxy }: Sandbox): void {
  const { arm, control } = simulator.addresses
  const issuerHosts = ciHosts(simulator)
  const marker: RunningMarker = { host: simulator.host, arm, control, proxy, issuerHosts }
  writePrivate(markerFile(dir), JSON.stringify(marker))
}

function portError(error: unknown): SandboxError | undefined {
  const { code, port } = error as NodeJS.ErrnoException & { port?: number }
  if (code !== 'EADDRINUSE') return undefined
  return new SandboxError(
    `Can't start the sandbox: port ${port} is in use by another program`,
    'Stop that program, or start with an empty sandbox on another port: npx wi-setup sandbox reset',
  )
}
