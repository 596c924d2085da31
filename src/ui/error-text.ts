import type { Script } from '../base/command.ts'
import { type CommandTarget, noTarget, remedyText, scriptText } from '../base/command-text.ts'
import { stripControlCharacters } from '../base/control-characters.ts'
import { type Explained, explain } from '../explain/index.ts'
import { reasonsText, screen, statusText } from './screen-parts.ts'
import { sanitizeLine, type TerminalStyle, toAscii, width, wrap } from './text.ts'

/** Returns a failure outside of the steps. */
export function failureText(explained: Explained, look: TerminalStyle): string {
  return screen(statusText('broken', explained.what, look), reasonsText(explained, look))
}

const plainStyle: TerminalStyle = { columns: 80, color: false, unicode: true }

/** Returns a usage error: `wi-setup: …` for each fault, with its indented lines wrapped, then the commands. */
export function usageText(
  message: string,
  {
    columns = Number.POSITIVE_INFINITY,
    commands = [],
    target = noTarget,
  }: { columns?: number; commands?: readonly Script[]; target?: CommandTarget } = {},
): string {
  const lines = toAscii(stripControlCharacters(message.trimEnd()), plainStyle)
    .split('\n')
    .flatMap((line) => {
      if (!line) return line
      if (!line.startsWith(' ')) return `wi-setup: ${line}`
      if (width(line) <= columns) return line
      // A wide gap separates a rule from its example; wrapping would close it, so the example moves down.
      const parts = line.trim().split(/(?<! ) {3,}(?=for example )/)
      return parts.flatMap((part) => wrap(part, columns - 2)).map((each) => `  ${each}`)
    })
  return screen(
    ...lines,
    ...(commands.length ? [''] : []),
    ...commands.map((each) => `  ${scriptText(each, target)}`),
  )
}

/** Returns an unexpected error (a bug); with its stack trace if `stack`. */
export function unexpectedText(error: Error, stack: boolean, look: TerminalStyle = plainStyle): string {
  const { what, remedy } = explain(error)
  const trace = stack && error.stack ? error.stack.split('\n').slice(1) : []
  return screen(
    `wi-setup: ${toAscii(sanitizeLine(what), look)}`,
    ...trace.map((line) => stripControlCharacters(line)),
    ...(stack ? [] : [`  ${remedyText(remedy, noTarget)}`]),
  )
}
