import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { SandboxError } from '../sandbox-error.ts'
import { type Claim, claim, claimantOf, type ProcessNames, watchClaims } from './claims.ts'
import { type RunningMarker, runningSandbox } from './marker.ts'
import { reportingPath } from './private-files.ts'

/** Contains the claim of the process that serves the folder, and for a moment those of processes that want to. */
export const ownersFolder = (dir: string) => join(dir, 'owners')

/** Contains the claims of the processes that joined the sandbox. */
export const guestsFolder = (dir: string) => join(dir, 'guests')

const waitLimit = 15_000

/** Either the sandbox that runs on the folder, or the lock on the folder. */
export type Access = { running: RunningMarker } | { running: undefined; lock: Claim }

/**
 * Returns the sandbox that runs on the folder, or the lock on it. Waits for a sandbox that is starting; throws
 * `SandboxError` if it neither responds nor ends.
 */
export async function acquireOrJoin(dir: string, processes: ProcessNames): Promise<Access> {
  const deadline = performance.now() + waitLimit
  const owners = watchClaims(ownersFolder(dir), processes)
  for (;;) {
    const running = await runningSandbox(dir)
    if (running) return { running }
    const lock = tryLock(dir, owners, processes)
    if (lock) return { running: undefined, lock }
    if (performance.now() > deadline) break
    // Two that start at the same moment see each other, and both retry.
    await delay(30 + Math.random() * 70)
  }
  const pid = claimantOf(owners()[0] ?? '')
  throw new SandboxError(
    `Process ${pid} has locked the sandbox folder ${dir}, but its sandbox does not respond`,
    `Wait until it has started, or end it (kill ${pid}); then run the command again`,
  )
}

/** A process that sees no other claim after it has made its own has the lock: the others see that claim. */
function tryLock(dir: string, owners: () => string[], processes: ProcessNames): Claim | undefined {
  if (owners().length > 0) return undefined
  const own = claim(ownersFolder(dir), processes)
  if (owners().every((name) => name === own.name)) {
    // The lock of earlier versions.
    const old = join(dir, 'owner.lock')
    reportingPath(old, () => rmSync(old, { force: true }))
    return own
  }
  own.release()
  return undefined
}
