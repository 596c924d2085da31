/** Options of a program that gets its own process group, so that the programs that it starts can be ended too. */
export const ownGroup = { detached: process.platform !== 'win32' }

/** Sends a signal to a program and to those that it started. A program that was started with `ownGroup` only. */
export function signalGroup(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (process.platform === 'win32') {
    const { spawnSync } = process.getBuiltinModule('node:child_process')
    spawnSync('taskkill', ['/pid', String(pid), '/t', '/f'], { stdio: 'ignore', windowsHide: true })
    return
  }
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
