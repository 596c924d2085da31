import { stripControlCharacters } from '../base/control-characters.ts'
import type { Statements } from '../targets/target.ts'
import { sanitizeLine, type TerminalStyle, toAscii } from './text.ts'

/** Returns statements to copy, each list under the place where to run it; nothing if there are none. */
export const statementsText = (statements: readonly Statements[], look: TerminalStyle): string =>
  statements
    .flatMap(({ where, lines }) => [
      `  ${toAscii(sanitizeLine(where), look)}:`,
      // Never wrapped: a line is copied as it is.
      ...lines.map((line) => `      ${stripControlCharacters(line)}`),
      '',
    ])
    .map((line) => `${line}\n`)
    .join('')
