import { spawnSync } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { sha256 } from './sha256.ts'

// A process ID alone does not name a process: IDs are reused, and the first process of every container has ID 1.

/** Where process IDs have one meaning: this boot of this machine, and this PID namespace. */
const place = () => {
  const parts = [process.platform, hostname()]
  if (process.platform === 'linux')
    parts.splice(1, 1, textOf('/proc/sys/kernel/random/boot_id') ?? hostname(), pidNamespace())
  return sha256(parts.join('\n')).toString('hex').slice(0, 12)
}

const pidNamespace = () => {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return hostname()
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return undefined
  }
}

/** Returns when a process started; `gone` if there is no such process, undefined if that can't be found out. */
function startOf(pid: number): string | 'gone' | undefined {
  if (process.platform === 'linux') {
    const stat = textOf(`/proc/${pid}/stat`)
    // The name of the program, in parentheses, may contain anything.
    const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields) return fields[0] === 'Z' ? 'gone' : fields[19]
  }
  if (!exists(pid)) return 'gone'
  return process.platform === 'win32' ? undefined : startFromPs(pid)
}

/** Returns the start time that `ps` reports, in ms; undefined if the process exists but `ps` fails or reports nothing. */
export function startFromPs(pid: number): string | 'gone' | undefined {
  const env = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' }
  const options = { env, encoding: 'utf8', timeout: 5000 } as const
  const { status, stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], options)
  const time = status === 0 ? Date.parse(`${stdout.trim()} UTC`) : Number.NaN
  if (!Number.isNaN(time)) return String(time)
  return exists(pid) ? undefined : 'gone'
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

let ownIdentity: string | undefined

/** Returns a name for this process that no other process ever gets. It can be part of a file name. */
export function ownProcess(): string {
  ownIdentity ??= `${process.pid}-${startOf(process.pid) ?? 0}-${place()}`
  return ownIdentity
}

/**
 * Returns whether the process with this name still runs; undefined if that can't be found out, as of a process in
 * another container. A text that is not such a name is of no process.
 */
export function isRunning(identity: string): boolean | undefined {
  const [, pid, start, at] = /^(\d{1,10})-(\d+)-([0-9a-f]{12})$/.exec(identity) ?? []
  if (pid === undefined) return false
  if (at !== ownProcess().split('-')[2]) return undefined
  const now = startOf(Number(pid))
  if (now === 'gone') return false
  return now === undefined || start === '0' ? undefined : now === start
}
