import { randomUUID } from 'node:crypto'
import { appendFileSync, closeSync, existsSync, openSync, readSync, statSync } from 'node:fs'
import type { Call } from '../http.ts'
import { isWrite } from '../services.ts'
import { type JournalEntry, journalFile } from './journal.ts'
import { reportingPath } from './private-files.ts'

/** Limit of the entries in memory; the file contains them all. */
const maxEntries = 100_000

/** Records a served request. `status` is 0 if the connection was cut; `startedAt` is of `performance.now()`. */
export type Recorder = (call: Call, host: string, path: string, status: number, startedAt: number) => void

function endsInLine(file: string): boolean {
  const size = existsSync(file) ? statSync(file).size : 0
  if (size === 0) return false
  const last = Buffer.alloc(1)
  const descriptor = openSync(file, 'r')
  readSync(descriptor, last, 0, 1, size - 1)
  closeSync(descriptor)
  return last.toString() !== '\n'
}

/** Returns a function that appends to the journal, and to `journal.jsonl` in the folder. */
export function createRecorder(
  journal: JournalEntry[],
  stateDir: string | undefined,
  now: () => number,
): Recorder {
  const run = randomUUID().slice(0, 8)
  const file = stateDir === undefined ? undefined : journalFile(stateDir)
  // A process that was killed, or a full disk, may have left half a line.
  let lineBreak = file !== undefined && endsInLine(file)
  return (call, host, path, status, startedAt) => {
    const entry: JournalEntry = {
      n: (journal.at(-1)?.n ?? 0) + 1,
      at: new Date(now()).toISOString(),
      method: call.method,
      host,
      path,
      status,
      ms: Math.round(performance.now() - startedAt),
      write: isWrite(call.method, call.path, call.query('dryRun') !== undefined),
    }
    journal.push(entry)
    if (journal.length > maxEntries) journal.splice(0, maxEntries / 10)
    if (file === undefined) return
    const line = `${lineBreak ? '\n' : ''}${JSON.stringify({ run, ...entry })}\n`
    lineBreak = true
    reportingPath(file, () => appendFileSync(file, line, { mode: 0o600 }))
    lineBreak = false
  }
}
