import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/** Options of a program that gets its own process group, so that the programs that it starts can be ended too. */
export const ownGroup = { detached: process.platform !== 'win32' }

/** A started program. Both codes are null while it runs. */
export interface StartedProcess {
  pid?: number | undefined
  exitCode: number | null
  signalCode: NodeJS.Signals | null
}

/** `gone`: no process is left to signal. `denied`: the system doesn't allow it, so the process may still run. */
export type SignalResult = 'sent' | 'gone' | 'denied'

export const hasExited = ({ exitCode, signalCode }: StartedProcess): boolean =>
  exitCode !== null || signalCode !== null

/** Sends a signal to a program and to those that it started. A program that was started with `ownGroup` only. */
export function signalGroup(program: StartedProcess, signal: 'SIGTERM' | 'SIGKILL'): SignalResult {
  const { pid } = program
  if (pid === undefined) return 'gone'
  if (process.platform === 'win32') return hasExited(program) ? 'gone' : endTree(pid)
  try {
    process.kill(-pid, signal)
    return 'sent'
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ESRCH') return 'gone'
    if (code === 'EPERM') return 'denied'
    throw error
  }
}

/** Time in ms that taskkill gets. */
const taskkillTime = 5000

/**
 * Ends a process of Windows and those that it started. Once the process has exited, Windows may give its ID to another
 * one, so the caller must know that it runs.
 */
function endTree(pid: number): SignalResult {
  // By its full path and in its own folder: Windows would prefer a program of that name in the user's folder.
  const system = join(process.env.SystemRoot ?? 'C:\\Windows', 'System32')
  const { status } = spawnSync(join(system, 'taskkill.exe'), ['/pid', String(pid), '/t', '/f'], {
    cwd: system,
    stdio: 'ignore',
    timeout: taskkillTime,
    windowsHide: true,
  })
  // taskkill's exit code for an ID that no process has.
  if (status === 128) return 'gone'
  return status === 0 ? 'sent' : 'denied'
}
