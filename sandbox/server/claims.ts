import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, openSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { createFolder, reportingPath } from './private-files.ts'

/** Names processes so that a process is not taken for an earlier one with the same ID. */
export interface ProcessNames {
  /** The name of this process, which no other process ever has; it is fit for file names. */
  own: string
  /** Undefined if that can't be found out, as of a process in another container. */
  isRunning(name: string): boolean | undefined
}

const refreshInterval = 1000
/** Time in ms after which a claim that was not refreshed is void. */
const maxSilence = 5000

/**
 * A process claims something by an empty file whose name says which process it is. So a claim is never half-written,
 * and removing one that is void can't remove another.
 */
export interface Claim {
  name: string
  release(): void
}

/** Claims the folder for this process. */
export function claim(folder: string, { own }: ProcessNames): Claim {
  createFolder(folder)
  const name = `${own}_${randomBytes(6).toString('hex')}`
  const path = join(folder, name)
  reportingPath(path, () => closeSync(openSync(path, 'wx', 0o600)))
  // For processes that can't look this one up.
  const timer = setInterval(() => {
    try {
      utimesSync(path, new Date(), new Date())
    } catch {
      // The folder was deleted by others.
    }
  }, refreshInterval)
  timer.unref()
  return {
    name,
    release() {
      clearInterval(timer)
      rmSync(path, { force: true })
    },
  }
}

/** Returns the process ID in the name of a claim. */
export const claimantOf = (name: string): string => /^\d+/.exec(name)?.[0] ?? '(unknown)'

/**
 * Returns a function that returns the names of the claims of running processes, and removes the others. A claim of a
 * process that can't be looked up is void if it is not refreshed while this function is watching, so that clocks that
 * differ don't matter.
 */
export function watchClaims(folder: string, { isRunning }: ProcessNames): () => string[] {
  const seen = new Map<string, { at: number; since: number }>()
  const isVoid = (name: string) => {
    const runs = isRunning(name.replace(/_[0-9a-f]+$/, ''))
    if (runs !== undefined) return !runs
    const at = statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs
    if (at === undefined) return true
    const last = seen.get(name)
    if (last?.at === at) return performance.now() - last.since > maxSilence
    seen.set(name, { at, since: performance.now() })
    return false
  }
  return () => {
    if (!existsSync(folder)) return []
    return readdirSync(folder).filter((name) => {
      if (!isVoid(name)) return true
      const path = join(folder, name)
      reportingPath(path, () => rmSync(path, { recursive: true, force: true }))
      return false
    })
  }
}
