import { createReadStream, statSync } from 'node:fs'
import { closestMatches } from '../base/closest-matches.ts'
import { stripControlCharacters } from '../base/control-characters.ts'
import { wrapsCommands } from '../base/host.ts'
import { UsageError } from '../base/usage-error.ts'
import { chainChecks, inClusterChecks } from '../checks/index.ts'
import { docsLink } from '../engine/check.ts'
import { catalogueEntry } from '../explain/catalogue/index.ts'
import { explainCode, knownCodes, resolveCode } from '../explain/codes.ts'
import type { Explained } from '../explain/index.ts'
import { type LoggedFailure, type LogSummary, makeLogReader } from '../explain/log-reader.ts'
import type { Invocation } from '../session/invocation.ts'
import {
  ambiguousText,
  explainedText,
  furtherReading,
  presentedValues,
  unknownText,
} from '../ui/explain-text.ts'
import type { TerminalStyle } from '../ui/text.ts'

/** Says what a code means, or what failed in a log. Signs in nowhere, and reads nothing but what it is given. */
export async function explainCommand(invocation: Invocation): Promise<number> {
  const { world, globals, operands = [] } = invocation
  const output = globals.output ?? (world.env.WI_SETUP_OUTPUT || 'text')
  if (output !== 'text' && output !== 'json')
    throw new UsageError(`--output ${JSON.stringify(output)} is not one of text, json`)
  if (operands.length && globals.log !== undefined) throw new UsageError('codes and --log exclude each other')
  const { found, unknown, ok } = operands.length ? named(operands) : await logged(invocation)

  const look: TerminalStyle = {
    columns: world.stdout.isTTY ? Math.min(world.columns, 100) : 80,
    color: world.color && globals.color !== false && Boolean(world.stdout.isTTY),
    unicode: world.unicode,
    fold: wrapsCommands(world, world.stdout),
  }
  if (output === 'json')
    world.stdout.write(
      `${JSON.stringify({ schemaVersion: 1, command: 'explain', ok, found: found.map(jsonOf), unknown: unknown.map((code) => ({ code, like: closestMatches(code, knownCodes) })) })}\n`,
    )
  else {
    const count = new Map<string, number>()
    for (const { code } of found) count.set(code, (count.get(code) ?? 0) + 1)
    if (operands.length)
      for (const [code, times] of count)
        if (times > 1) world.stdout.write(`${ambiguousText(code, times, look)}\n`)
    world.stdout.write(
      found
        .map((each) =>
          explainedText(each, { title: titleOf(each), said: said(each), byHand: byHand(each) }, look),
        )
        .join('\n'),
    )
    for (const code of unknown)
      world.stderr.write(
        `wi-setup: ${unknownText(stripControlCharacters(code), closestMatches(code, knownCodes))}\n`,
      )
  }
  return ok ? 0 : 2
}

/** Titles of our own checks, where there is one for the code. */
const titles = new Map<string, string>(
  [...chainChecks, ...inClusterChecks].map(({ code, title }) => [code, title]),
)
const titleOf = ({ check }: Explained) => check && (titles.get(check) ?? catalogueEntry(check)?.what)
const byHand = ({ code }: Explained) => catalogueEntry(code)?.manualChecks ?? []
const said = ({ code }: Explained) => catalogueEntry(code)?.errorMessages ?? []

type Outcome = { found: (Explained | LoggedFailure)[]; unknown: string[]; ok: boolean }

/** Codes that were typed, or a message in quotes. */
function named(words: readonly string[]): Outcome {
  const found: Explained[] = []
  const unknown: string[] = []
  for (const word of words) {
    const code = resolveCode(word.trim())
    if (code) found.push(...explainCode(code))
    else {
      const reader = makeLogReader()
      reader.read(word)
      const seen = reader.end()
      const here = seen.failures.filter((each) => each.code !== word.trim())
      found.push(...here)
      if (here.length === 0) unknown.push(word.trim().slice(0, 80))
    }
  }
  return { found, unknown, ok: unknown.length === 0 }
}

const usage = [
  'there is nothing to explain',
  '',
  '  npx wi-setup explain AADSTS700213',
  '  kubectl logs deployment/checkout | npx wi-setup explain',
  '  npx wi-setup explain --log pod.log',
].join('\n')

async function logged({ world, globals: { log } }: Invocation): Promise<Outcome> {
  if (log === undefined && world.stdin.isTTY) throw new UsageError(usage)
  const findings = await read(log === undefined || log === '-' ? world.stdin : opened(log))
  if (findings.isEmpty)
    throw new UsageError(log === undefined ? usage : `--log ${JSON.stringify(log)} is empty`)
  const { failures, unknownCodes } = findings
  const known = failures.filter((each) => each.why.length > 0)
  if (failures.length + unknownCodes.length === 0)
    throw new UsageError(
      'nothing that is known here stands in this text\n  for the codes that are known: npx wi-setup explain AADSTS700213, docs/checks.md',
    )
  return { found: failures, unknown: unknownCodes, ok: known.length > 0 }
}

function opened(path: string) {
  try {
    if (statSync(path).isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' })
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'is not there' : 'cannot be read'
    throw new UsageError(`--log ${JSON.stringify(path)} ${why}`)
  }
  return createReadStream(path)
}

async function read(stream: NodeJS.ReadableStream): Promise<LogSummary> {
  const log = makeLogReader()
  stream.setEncoding('utf8')
  try {
    for await (const piece of stream) log.read(piece as string)
  } catch (error) {
    throw new UsageError(`the log cannot be read: ${(error as Error).message}`)
  }
  return log.end()
}

const jsonOf = (each: Explained | LoggedFailure) => ({
  code: each.code,
  what: each.what,
  presented: Object.fromEntries(presentedValues(each.presented)),
  why: each.why,
  remedy: each.remedy,
  check: each.check ?? null,
  doc: each.check ? docsLink(each.check) : null,
  byHand: byHand(each),
  more: furtherReading(each.code)[0] ?? null,
  original: each.original ?? null,
  trace: each.trace ?? null,
  line: 'line' in each ? each.line : null,
  times: 'times' in each ? each.times : 1,
})
