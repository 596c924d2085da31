import { stripControlCharacters } from '../base/control-characters.ts'
import { redactText } from '../base/redact.ts'
import { explainCheckCode } from './codes.ts'
import type { Explanation } from './explanation.ts'
import {
  type Explained,
  explainFailure,
  explanations,
  findExplanation,
  noDetails,
  traceIdIn,
} from './index.ts'

/** A failure in a log: where it stands first, and how often it comes. */
export interface LoggedFailure extends Explained {
  /** Of the log, from 1. */
  line: number
  times: number
}

export interface LogSummary {
  failures: LoggedFailure[]
  /** What stands where codes stand, and is none that we know. */
  unknownCodes: string[]
  /** True if the log held nothing but blanks. */
  isEmpty: boolean
}

/** Codes that stand in many a text without being what we mean; only their messages count there. */
const plain = new Set([
  'BadRequest',
  'NotFound',
  'AlreadyExists',
  'TooManyRequests',
  'InternalError',
  'InternalServerError',
  'ServiceUnavailable',
  'BadGateway',
  'GatewayTimeout',
  'ServerTimeout',
  'MethodNotAllowed',
  'HttpStatus',
  'InvalidParameter',
  'AuthenticationFailed',
])
const telling = (code: string) =>
  !plain.has(code) && (/[a-z][A-Z]|_/.test(code) || /^(AADSTS\d+|E[A-Z]{4,})$/.test(code))

const known = new Set(explanations.flatMap(({ codes }) => codes))
const tellingCodes = new Set([...known].filter(telling))

/** A log may break lines where the message has a blank (Terraform does). */
const loose = ({ source, flags }: RegExp) =>
  new RegExp(source.replaceAll(/ (?![?*+{])/g, '\\s+'), flags.includes('i') ? 'gi' : 'g')
const messages = explanations.flatMap((entry) =>
  entry.message ? [{ entry, pattern: loose(entry.message) }] : [],
)

const word = /\b(?:AADSTS\d+|WI\d{3}|[A-Z][A-Za-z]*_?[A-Za-z_]{3,})\b/g
const numbered = /(?:Error\(s\): |"error_codes":\s*\[)(\d+)/g
const placed = /(?:"code"\s*:\s*"|\bCode: |\bCode="|ERROR: \()([A-Z][A-Za-z]+[a-z][A-Z][A-Za-z]+)\b/g

/** Signs looked at at once, and how much around a code belongs to it. */
const block = 256 * 1024
const ahead = 4096
const behind = 2048
/** Signs around a message in which must stand what belongs to it. */
const beside = 240
/** Different failures kept; a log with more has other problems. */
const most = 100

/** Without terminal sequences, the frames that Terraform draws, and JSON's escapes. */
const bare = (text: string) =>
  stripControlCharacters(text)
    .replace(/^[ \t]*[│╷╵] ?/gm, '')
    // A line break within a string is none of the log.
    .replaceAll(/\\r\\n|\\n/g, '\u2028')
    .replaceAll(/\\u0027/g, "'")
    .replaceAll(/\\u0022|\\"/g, '"')

interface Hit {
  at: number
  code: string
  /** Found by its message. */
  by?: Explanation
  end: number
}

/** Looks for all that is known in a log that comes piece by piece. What has been looked at is forgotten. */
export function makeLogReader(): { read(piece: string): void; end(): LogSummary } {
  const all = new Map<string, LoggedFailure>()
  const unknown = new Set<string>()
  let raw = ''
  let text = ''
  let from = 0
  let line = 1
  let empty = true

  const take = (piece: string) => {
    const fresh = bare(piece)
    if (empty && /\S/.test(fresh)) empty = false
    text += fresh
    while (text.length - from > block + ahead) look(from + block)
  }

  /** Everything that begins before `to`, each with what stands around it. */
  const look = (to: number) => {
    const part = text.slice(0, to + ahead)
    for (const hit of hitsIn(part, unknown)) if (hit.at >= from && hit.at < to) keep(part, hit)
    const drop = Math.max(0, to - behind)
    line += linesIn(text.slice(0, drop))
    text = text.slice(drop)
    from = to - drop
  }

  const keep = (part: string, hit: Hit & { around: string }) => {
    const explained = explainHit(part, hit)
    if (!explained) return
    const key = `${explained.code} ${explained.what}`
    const again = all.get(key)
    if (again) {
      again.times++
      again.trace ??= explained.trace
    } else if (all.size < most)
      all.set(key, { ...explained, line: line + linesIn(part.slice(0, hit.at)), times: 1 })
  }

  return {
    read(piece) {
      raw += piece
      // A sequence or a pair of signs may be cut in two: whole lines only, unless they never end.
      const cut = raw.lastIndexOf('\n') + 1 || (raw.length > block ? raw.length - 64 : 0)
      if (cut === 0) return
      take(raw.slice(0, cut))
      raw = raw.slice(cut)
    },
    end() {
      take(raw)
      look(text.length)
      const failures = [...all.values()]
      return { failures, unknownCodes: [...unknown], isEmpty: empty }
    },
  }
}

/** A whole text at once. */
export function explainText(text: string): LogSummary {
  const log = makeLogReader()
  log.read(text)
  return log.end()
}

const linesIn = (text: string) => {
  let count = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++
  return count
}
const lineStart = (text: string, at: number) => text.lastIndexOf('\n', at - 1) + 1
const lineEnd = (text: string, at: number) => {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end
}

/** From the next blank on: half a token would not be known as one. */
const whole = (text: string, from: number, to: number) =>
  from === 0 ? text.slice(0, to) : text.slice(from, to).replace(/^\S+/, '')

function* hitsIn(text: string, unknown: Set<string>): Generator<Hit & { around: string }> {
  const coded: Hit[] = []
  for (const { index, 0: code } of text.matchAll(word))
    if (code.startsWith('WI') ? isBrokenCheck(text, index) : tellingCodes.has(code) || /^AADSTS\d/.test(code))
      coded.push({ at: index, code, end: index + code.length })
  for (const { index, 0: all, 1: number } of text.matchAll(numbered))
    if (
      !text.slice(index, lineEnd(text, index)).includes(`AADSTS${number}`) &&
      !text.slice(lineStart(text, index), index).includes(`AADSTS${number}`)
    )
      coded.push({ at: index, code: `AADSTS${number}`, end: index + all.length })
  for (const { 1: code } of text.matchAll(placed))
    if (!known.has(code!) && !plain.has(code!) && unknown.size < most) unknown.add(code!)
  coded.sort((a, b) => a.at - b.at)

  const said: (Hit & { around: string })[] = []
  for (const [index, hit] of coded.entries()) {
    const next = coded.slice(index + 1).find(({ code }) => code !== hit.code)?.at ?? text.length
    const last = coded.slice(0, index).findLast(({ code }) => code !== hit.code)?.end ?? 0
    const after = text.slice(hit.at, Math.min(next, hit.at + ahead))
    // A message stands behind its code, or in JSON often before its inner code.
    said.push({ ...hit, around: `${after}\n${whole(text, Math.max(last, hit.at - behind), hit.at)}` })
  }
  const spans = said.map((hit) => ({ at: hit.at, entry: resolved(hit).found?.entry }))
  const taken: Hit[] = []
  for (const { entry, pattern } of messages)
    for (const match of text.matchAll(pattern)) {
      const [at, end] = [match.index, match.index + match[0].length]
      const near = spans.some((span) => span.entry === entry && Math.abs(span.at - at) < behind)
      const [begin, stop] = [lineStart(text, at), lineEnd(text, end)]
      const sameLine = coded.some((hit) => hit.at >= begin && hit.at < stop && hit.code.startsWith('AADSTS'))
      const again = taken.some(
        (hit) => (at < hit.end && hit.at < end) || (hit.by === entry && lineStart(text, hit.at) === begin),
      )
      const alone = entry.context && !entry.context.test(text.slice(Math.max(0, at - beside), end + beside))
      if (near || sameLine || again || alone) continue
      taken.push({ at, code: entry.codes[0]!, by: entry, end })
    }
  const clear = [...said, ...taken.filter(({ by }) => !by?.symptom)]
  for (const hit of taken)
    if (!hit.by?.symptom || !clear.some(({ at }) => Math.abs(at - hit.at) < behind))
      said.push({
        ...hit,
        around: text.slice(lineStart(text, hit.at), Math.min(text.length, hit.end + behind)),
      })
  yield* said.toSorted((a, b) => a.at - b.at)
}
/** The entry that fits, and the message that tells it: its lines joined where it was broken. */
function resolved({ code, by, around }: Hit & { around: string }) {
  const read = (message: string) => {
    const foreign = { ...noDetails, code, message: redactText(message), trace: undefined }
    return { message: foreign.message, found: by ? { entry: by, code } : findExplanation(foreign) }
  }
  const asItIs = read(around)
  const { entry } = asItIs.found ?? {}
  if (entry?.message?.test(asItIs.message)) return asItIs
  const joined = read(around.replace(/\s*\n\s*/g, ' '))
  return joined.found?.entry.message || joined.found?.entry.values ? joined : asItIs
}

/** Our own codes in what `verify` printed: only those that it calls broken. */
function isBrokenCheck(text: string, at: number): boolean {
  const before = text.slice(lineStart(text, at), at)
  if (/^\s*(pass|skip)\s/.test(before) || /because of [\w, ]*$/.test(before)) return false
  const rest = text.slice(at, at + 600)
  const object = rest.slice(0, rest.indexOf('"code"') + 1 || undefined)
  return !/"status"\s*:\s*"(pass|skip)"/.test(object) && !/"because"\s*:\s*"$/.test(before)
}

function explainHit(text: string, hit: Hit & { around: string }): Explained | undefined {
  const line = text.slice(lineStart(text, hit.at), hit.at)
  const trace = traceIdIn(text.slice(hit.at, hit.at + hit.around.length)) ?? traceIdIn(line)
  const own = explainCheckCode(hit.code)
  if (own) return { ...own, presented: compared(text.slice(hit.at, hit.at + 2000)) }
  const { message, found } = resolved(hit)
  const explained = () => explainFailure({ ...noDetails, code: hit.code, message, trace }, found)
  if (found) return { ...explained(), original: originalOf(text, hit, found.entry) }
  return hit.code.startsWith('AADSTS') ? { ...explained(), what: originalOf(text, hit) } : undefined
}

/** The message of the service if it is known where it begins, else what follows the code; at most a few lines. */
function originalOf(text: string, { at, around }: Hit & { around: string }, entry?: Explanation): string {
  const said = entry?.message?.exec(around)?.index
  // The sentence may have begun before what tells it.
  const before = said === undefined ? '' : /[^"\n\u2028]{0,200}$/.exec(around.slice(0, said))![0]
  const begin =
    said === undefined
      ? text.slice(at, lineEnd(text, at))
      : around.slice(said - (before.length < 200 ? before.length : 0))
  return redactText(begin.replaceAll('\u2028', ' '))
    .split('\n')[0]!
    .replace(/\s*(?:- )?(?:Trace ID|Correlation ID|Timestamp):.*$/s, '')
    .trim()
    .replace(/^(.{280}\S*)\s.*$/s, '$1 …')
    .slice(0, 400)
}

/** `is` and `should` of a failed check that was pasted. */
function compared(text: string): Record<string, string | undefined> {
  const { is, should } =
    /\n\s+is\s{2,}(?<is>[^\n]*)\n\s+should\s{2,}(?<should>[^\n]*)/.exec(text)?.groups ?? {}
  return is === undefined ? {} : { is: redactText(is.trim()), should: redactText(should!.trim()) }
}
