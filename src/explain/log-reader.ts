import { stripControlCharacters } from '../base/control-characters.ts'
import type { Explained } from './index.ts'
import { findUnknownCodes } from './log-codes.ts'
import { explainLogMatch } from './log-explanation.ts'
import { countLines } from './log-lines.ts'
import { findLogMatches, type LogMatch, maxContext, precedingContext } from './log-matches.ts'
import { makeResolver } from './log-resolver.ts'

/** A failure in a log. */
export interface LoggedFailure extends Explained {
  /** Line of the first occurrence, from 1. */
  line: number
  /** Number of occurrences. */
  times: number
}

export interface LogSummary {
  failures: LoggedFailure[]
  /** Error codes that have no explanation. */
  unknownCodes: string[]
  /** True if the log is empty or blank. */
  isEmpty: boolean
}

/** The maximum number of different failures to report. */
const maxFailures = 100
/** Characters searched at once. */
const blockSize = 256 * 1024

/** Returns the text without escape sequences, Terraform's frames and JSON escapes. */
const normalize = (text: string) =>
  stripControlCharacters(text)
    .replace(/^[ \t]*[│╷╵] ?/gm, '')
    // An escaped line break is inside a string, so it does not end a line of the log.
    .replaceAll(/\\r\\n|\\n/g, '\u2028')
    .replaceAll(/\\u0027/g, "'")
    .replaceAll(/\\u0022|\\"/g, '"')

/** Returns a reader that explains the failures in a log passed in chunks. It discards what it has searched. */
export function makeLogReader(): { read(chunk: string): void; end(): LogSummary } {
  const failures = new Map<string, LoggedFailure>()
  const unknownCodes = new Set<string>()
  const resolver = makeResolver()
  let incomplete = ''
  let text = ''
  let searchedTo = 0
  let line = 1
  let isEmpty = true

  const append = (chunk: string) => {
    const normalized = normalize(chunk)
    if (/\S/.test(normalized)) isEmpty = false
    text += normalized
    while (text.length - searchedTo > blockSize + maxContext) search(searchedTo + blockSize)
  }

  /** Records the failures that start before `end`, then discards text that is no longer needed as context. */
  const search = (end: number) => {
    const block = text.slice(0, end + maxContext)
    for (const code of findUnknownCodes(block)) if (unknownCodes.size < maxFailures) unknownCodes.add(code)
    for (const match of findLogMatches(block, resolver))
      if (match.start >= searchedTo && match.start < end) record(block, match)
    const discarded = Math.max(0, end - precedingContext)
    line += countLines(text.slice(0, discarded))
    text = text.slice(discarded)
    searchedTo = end - discarded
  }

  const record = (block: string, match: LogMatch) => {
    const explained = match.resolution.explained ?? explainLogMatch(block, match)
    if (!explained) return
    match.resolution.explained = explained
    const key = `${explained.code} ${explained.what}`
    const known = failures.get(key)
    if (known) {
      known.times++
      known.trace ??= explained.trace
    } else if (failures.size < maxFailures)
      failures.set(key, { ...explained, line: line + countLines(block.slice(0, match.start)), times: 1 })
  }

  return {
    read(chunk) {
      incomplete += chunk
      // Append complete lines only, so that no escape sequence is split, unless a line is extremely long.
      const end =
        incomplete.lastIndexOf('\n') + 1 || (incomplete.length > blockSize ? incomplete.length - 64 : 0)
      if (end === 0) return
      append(incomplete.slice(0, end))
      incomplete = incomplete.slice(end)
    },
    end() {
      append(incomplete)
      search(text.length)
      return { failures: [...failures.values()], unknownCodes: [...unknownCodes], isEmpty }
    },
  }
}

/** Explains the failures in a complete text. */
export function explainText(text: string): LogSummary {
  const reader = makeLogReader()
  reader.read(text)
  return reader.end()
}
