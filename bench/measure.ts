import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { JournalEntry, ProgramEnvironment } from '../test/support/environment.ts'
import { startProcess } from '../test/support/process.ts'

const preload = fileURLToPath(new URL('../test/support/measure-preload.mjs', import.meta.url))

export interface Measurement {
  /** ms from the start of the process to its end. */
  wall: number
  /** Peak memory in MiB. */
  memory: number
  /** Lines of stderr with the ms at which they came. */
  lines: { at: number; text: string }[]
}

/** Runs Node.js with these arguments. Throws unless it exits with 0. */
export async function measure(args: string[], environment: ProgramEnvironment): Promise<Measurement> {
  const memoryFile = join(environment.root, 'memory')
  const start = performance.now()
  const run = startProcess(process.execPath, ['--import', pathToFileURL(preload).href, ...args], {
    cwd: environment.cwd,
    env: { ...environment.env, CI: 'true', WI_TEST_MEMORY: memoryFile },
    timeoutMs: 600_000,
  })
  const lines: Measurement['lines'] = []
  let rest = ''
  run.child.stderr!.on('data', (text: string) => {
    const complete = (rest + text).split('\n')
    rest = complete.pop()!
    for (const line of complete) lines.push({ at: performance.now() - start, text: line })
  })
  const { code, stderr } = await run.ended
  const wall = performance.now() - start
  if (code !== 0) throw new Error(`${args.join(' ')} exited with ${code}\n${stderr}`)
  return { wall, memory: Number(readFileSync(memoryFile, 'utf8')), lines }
}

/** Returns the requests of each run that the sandbox has served in its own process, in order. */
export const requestsByRun = (environment: ProgramEnvironment): JournalEntry[][] =>
  Object.values(Object.groupBy(environment.journal(), ({ run }) => run)) as JournalEntry[][]
