import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { SandboxError } from '../sandbox-error.ts'
import { type RunningMarker, runningSandbox } from './marker.ts'

/** Contains the id of the process that serves the folder, or is about to. */
export const lockFile = (dir: string) => join(dir, 'owner.lock')

/** Contains one file for each process that joined the sandbox, named after its id. */
export const guestsFolder = (dir: string) => join(dir, 'guests')

/** Returns the ids of the processes that joined and still run. */
export const guests = (dir: string) =>
  (existsSync(guestsFolder(dir)) ? readdirSync(guestsFolder(dir)) : []).filter((name) =>
    isAlive(Number(name)),
  )

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const waitLimit = 15_000

/**
 * Returns the sandbox that runs on the folder, or undefined once this process holds the lock. Waits for a sandbox that
 * is starting; throws `SandboxError` if it neither responds nor ends.
 */
export async function acquireOrJoin(dir: string, pid: number): Promise<RunningMarker | undefined> {
  const deadline = performance.now() + waitLimit
  while (performance.now() < deadline) {
    const running = await runningSandbox(dir)
    if (running) return running
    try {
      writeFileSync(lockFile(dir), String(pid), { flag: 'wx', mode: 0o600 })
      return undefined
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const owner = Number(await readFile(lockFile(dir), 'utf8').catch(() => '0'))
    // 0: the lock is being written at this moment.
    if (owner && !isAlive(owner)) rmSync(lockFile(dir), { force: true })
    await delay(50)
  }
  throw new SandboxError(
    'Another process is starting the sandbox but does not respond',
    'Wait or end that process, then run the command again',
  )
}
