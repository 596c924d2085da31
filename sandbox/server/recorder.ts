import { randomUUID } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Call } from '../http.ts'
import { isWrite } from '../services.ts'
import type { JournalEntry } from './journal.ts'

/** Limit of the entries in memory; the file contains them all. */
const maxEntries = 100_000

/** Records a served request. `status` is 0 if the connection was cut; `startedAt` is of `performance.now()`. */
export type Recorder = (call: Call, host: string, path: string, status: number, startedAt: number) => void

/** Returns a function that appends to the journal, and to `journal.jsonl` in the folder. */
export function createRecorder(
  journal: JournalEntry[],
  stateDir: string | undefined,
  now: () => number,
): Recorder {
  const run = randomUUID().slice(0, 8)
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
    if (stateDir === undefined) return
    appendFileSync(join(stateDir, 'journal.jsonl'), `${JSON.stringify({ run, ...entry })}\n`, { mode: 0o600 })
  }
}
