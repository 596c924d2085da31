import { join } from 'node:path'

export const journalFile = (dir: string) => join(dir, 'journal.jsonl')

/** One served request, without bodies, headers or query, so that it contains no secret. */
export interface JournalEntry {
  n: number
  at: string
  method: string
  host: string
  path: string
  status: number
  ms: number
  /** True for a request that may have changed the state. */
  write: boolean
}
