import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const clusterFolder = join(process.env.TMPDIR ?? tmpdir(), 'testcluster')

const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}

const workingFolder = (id: number): string => {
  try {
    return readlinkSync(`/proc/${id}/cwd`)
  } catch {
    return ''
  }
}

/** Returns the IDs of all other processes of this machine. Linux only. */
const processes = () =>
  existsSync('/proc/self/environ')
    ? readdirSync('/proc')
        .map(Number)
        .filter((id) => id && id !== process.pid)
    : []

/** Returns the processes of a run: their environment contains its folder. */
const processesOf = (folder: string) =>
  processes().filter((id) => textOf(`/proc/${id}/environ`).includes(folder))

/** Kills the processes of a run that are still running. */
export function killProcesses(folder: string): void {
  for (const id of processesOf(folder))
    try {
      process.kill(id, 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
}

/** Returns what a run has left: processes, and the mounts, bridge and folder of the cluster that it started. */
export function findLeftovers(folder: string, ours: boolean): string[] {
  const parts = ours ? processes().filter((id) => workingFolder(id).startsWith(clusterFolder)) : []
  const left = [...processesOf(folder), ...parts].map(
    (id) => `process ${id} ${textOf(`/proc/${id}/cmdline`)}`,
  )
  if (existsSync(folder)) left.push(folder)
  if (!ours) return left
  if (existsSync('/sys/class/net/wi0')) left.push('the bridge wi0')
  if (existsSync(clusterFolder)) left.push(clusterFolder)
  const mounts = textOf('/proc/mounts')
    .split('\n')
    .filter((line) => line.includes(` ${clusterFolder}/`))
  return [...left, ...mounts.map((line) => `mount ${line.split(' ')[1]}`)]
}
