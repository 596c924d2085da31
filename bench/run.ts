import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const program = fileURLToPath(new URL('../bin/wi-setup.js', import.meta.url))

/** Preloaded into a measured process: tells its peak memory in KiB on descriptor 3 as it ends. */
const tellMemory = `data:text/javascript,${encodeURIComponent(
  'import{writeSync}from"node:fs";process.on("exit",()=>writeSync(3,String(process.resourceUsage().maxRSS)))',
)}`

export interface Measured {
  /** ms from the start of the process to its end. */
  wall: number
  /** Peak memory in MiB. */
  memory: number
  /** Lines of the error stream with the ms at which they came. */
  lines: { at: number; text: string }[]
}

/** Runs Node.js with these arguments in a folder, with a sandbox of that folder's own. Throws if it fails. */
export function measure(args: string[], folder: string): Promise<Measured> {
  const began = performance.now()
  const child = spawn(process.execPath, ['--import', tellMemory, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, XDG_STATE_HOME: join(folder, 'state'), CI: 'true' },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  })
  const lines: Measured['lines'] = []
  let memory = 0
  let rest = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    const at = performance.now() - began
    const all = (rest + text).split('\n')
    rest = all.pop()!
    for (const line of all) lines.push({ at, text: line })
  })
  child.stdio[3]!.on('data', (text: Buffer) => {
    memory = Number(text) / 1024
  })
  return new Promise((resolve, reject) =>
    child.on('error', reject).on('close', (code) => {
      const wall = performance.now() - began
      if (code === 0) resolve({ wall, memory, lines })
      else
        reject(new Error(`${args.join(' ')} ended with ${code}\n${lines.map(({ text }) => text).join('\n')}`))
    }),
  )
}

export interface Request {
  run: string
  method: string
  host: string
  path: string
  status: number
  write: boolean
}

/** The sandbox's journal, one list for each run of it. */
export function journal(folder: string): Request[][] {
  const all = readFileSync(join(folder, 'state/wi-setup/sandbox/journal.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Request)
  return Object.values(Object.groupBy(all, ({ run }) => run)) as Request[][]
}

/** Serves the folder's sandbox at pace 1 in a process of its own, until it is killed. */
export function serve(folder: string): Promise<{ kill(): void }> {
  const child = spawn(process.execPath, [program, 'sandbox', 'start', '--pace', '1', '--output', 'json'], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, XDG_STATE_HOME: join(folder, 'state'), CI: 'true' },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.stdout.once('data', () => resolve({ kill: () => void child.kill() }))
  })
}
