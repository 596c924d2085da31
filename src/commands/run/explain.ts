import { createReadStream, statSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { closestMatches } from '../../base/closest-matches.ts'
import { type CommandTarget, commandsOf, hostTarget, remedyText } from '../../base/command-text.ts'
import { stripControlCharacters } from '../../base/control-characters.ts'
import type { Host } from '../../base/host.ts'
import { jsonText } from '../../base/json-text.ts'
import { packageFile } from '../../base/package-file.ts'
import { UsageError } from '../../base/usage-error.ts'
import { chainChecks, grantCheckExamples, inClusterChecks, jobChecks } from '../../checks/index.ts'
import { checksPage, docsLink } from '../../engine/check.ts'
import { catalogueEntry } from '../../explain/catalogue/index.ts'
import { explainCode, knownCodes, resolveCode } from '../../explain/codes.ts'
import { command } from '../../explain/command-template.ts'
import type { Explained } from '../../explain/index.ts'
import { type LoggedFailure, type LogSummary, makeLogReader } from '../../explain/log-reader.ts'
import { terminalStyle } from '../../session/terminal-style.ts'
import {
  ambiguousText,
  explainedText,
  furtherReading,
  manualCheckText,
  presentedValues,
  unknownText,
} from '../../ui/explain-text.ts'
import { documentHead } from '../../ui/json.ts'

interface Explanations {
  found: (Explained | LoggedFailure)[]
  unknown: string[]
  ok: boolean
  /** True if the codes were typed, so that one code may have several meanings. */
  typed: boolean
}

/** Explains codes, or error messages in quotes. */
export function explainCodes(texts: readonly string[]): Explanations {
  const found: Explained[] = []
  const unknown: string[] = []
  for (const text of texts.map((each) => each.trim())) {
    const code = resolveCode(text)
    const explained = code ? explainCode(code) : explainMessage(text)
    found.push(...explained)
    if (explained.length === 0) unknown.push(text.slice(0, 80))
  }
  return { found, unknown, ok: unknown.length === 0, typed: true }
}

function explainMessage(text: string): Explained[] {
  const reader = makeLogReader()
  reader.read(text)
  return reader.end().failures.filter(({ code }) => code !== text)
}

const usages = [
  command('wi-setup explain AADSTS700213'),
  command('kubectl logs deployment/checkout | wi-setup explain'),
  command('wi-setup explain --log pod.log'),
]

const nothingToExplain = () =>
  new UsageError(
    'Nothing to explain: pass an error code or a log',
    usages.map((usage) => usage()),
  )

/** Explains the errors in a file, or in standard input if `path` is undefined or `-`. */
export async function explainLog(
  path: string | undefined,
  { stdin, signal }: Pick<Host, 'stdin' | 'signal'>,
): Promise<Explanations> {
  if (path === undefined && stdin.isTTY) throw nothingToExplain()
  const { isEmpty, failures, unknownCodes } = await readLog(
    path === undefined || path === '-' ? stdin : openLog(path),
    signal,
  )
  if (isEmpty)
    throw path === undefined ? nothingToExplain() : new UsageError(`--log ${JSON.stringify(path)} is empty`)
  if (failures.length + unknownCodes.length === 0)
    throw new UsageError(
      `No known error found in the input\n  known codes are listed in ${packageFile(checksPage)}; to look one up:`,
      usages.slice(0, 1).map((usage) => usage()),
    )
  const ok = failures.some(({ why }) => why.length > 0)
  return { found: failures, unknown: unknownCodes, ok, typed: false }
}

function openLog(path: string) {
  try {
    if (statSync(path).isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const fault = code === 'ENOENT' ? 'does not exist' : `can't be read: ${code}`
    throw new UsageError(`--log ${JSON.stringify(path)} ${fault}`)
  }
  return createReadStream(path)
}

async function readLog(stream: Readable, signal: AbortSignal): Promise<LogSummary> {
  const reader = makeLogReader()
  stream.setEncoding('utf8')
  signal.addEventListener('abort', () => stream.destroy(), { once: true })
  try {
    for await (const piece of stream) {
      reader.read(piece as string)
      // Signals are handled between the pieces.
      await setImmediate()
      signal.throwIfAborted()
    }
  } catch (error) {
    signal.throwIfAborted()
    throw new UsageError(`The log can't be read: ${(error as Error).message}`)
  }
  signal.throwIfAborted()
  return reader.end()
}

/** Writes the explanations to standard output, and unknown codes to standard error. */
export function printExplanations(
  explanations: Explanations,
  { host, json, color }: { host: Host; json: boolean; color: boolean },
): void {
  const { found, unknown, ok } = explanations
  const target = hostTarget(host)
  if (json) {
    const document = {
      ...documentHead('explain', ok),
      found: found.map((each) => toJson(each, target)),
      unknown: unknown.map((code) => ({ code, like: closestMatches(code, knownCodes) })),
    }
    host.stdout.write(`${jsonText(document)}\n`)
    return
  }
  const look = { ...terminalStyle(host, 'stdout', color), target }
  const counts = new Map<string, number>()
  for (const { code } of found) counts.set(code, (counts.get(code) ?? 0) + 1)
  for (const [code, count] of counts)
    if (explanations.typed && count > 1) host.stdout.write(`${ambiguousText(code, count, look)}\n`)
  host.stdout.write(found.map((each) => explainedText(each, catalogueTexts(each), look)).join('\n'))
  for (const code of unknown) {
    const text = unknownText(stripControlCharacters(code), closestMatches(code, knownCodes))
    host.stderr.write(`wi-setup: ${text}\n`)
  }
}

const checkTitles = new Map<string, string>(
  [...jobChecks, ...chainChecks, ...grantCheckExamples, ...inClusterChecks].map(({ code, title }) => [
    code,
    title,
  ]),
)

const catalogueTexts = ({ code, check }: Explained) => ({
  title: check && (checkTitles.get(check) ?? catalogueEntry(check)?.what),
  messages: catalogueEntry(code)?.errorMessages ?? [],
  byHand: catalogueEntry(code)?.manualChecks ?? [],
})

const toJson = (each: Explained | LoggedFailure, target: CommandTarget) => ({
  code: each.code,
  what: each.what,
  presented: Object.fromEntries(presentedValues(each.presented)),
  why: each.why,
  remedy: remedyText(each.remedy, target),
  commands: commandsOf(each.remedy, target),
  check: each.check ?? null,
  doc: each.check ? docsLink(each.check) : null,
  byHand: catalogueTexts(each).byHand.map((check) => manualCheckText(check, target)),
  more: furtherReading(each.code)[0] ?? null,
  original: each.original ?? null,
  trace: each.trace ?? null,
  line: 'line' in each ? each.line : null,
  times: 'times' in each ? each.times : 1,
})
