import { stripControlCharacters } from '../base/control-characters.ts'
import type { CheckResult } from '../engine/check-result.ts'
import { differenceText } from './difference-text.ts'
import {
  foldCommand,
  glyphs,
  hangingIndent,
  isCommand,
  paint,
  type TerminalStyle,
  toAscii,
  width,
  wrap,
} from './text.ts'

/** Returns a label in its column, then the text. A command is not wrapped, so that it can be copied. */
export function labeledText(
  label: string,
  text: string,
  look: TerminalStyle,
  indent: number,
  column: number,
): string {
  const head = `${' '.repeat(indent)}${label}`.padEnd(indent + column)
  const shown = toAscii(stripControlCharacters(text), look)
  if (isCommand(shown)) {
    const lines = look.fold ? foldCommand(shown, look.columns - indent - column) : [shown]
    return lines
      .map((line, index) => (index ? ' '.repeat(indent + column) : head) + paint('accent', line, look))
      .join('\n')
  }
  return hangingIndent(head, indent + column, shown, look.columns)
}

/** Returns a failed check or a warning: the problem, the difference, the fix. */
export function checkText(check: CheckResult, look: TerminalStyle): string {
  const { code, title, detail, is, should, remedy, status } = check
  const sign = status === 'fail' ? paint('broken', glyphs(look).broken, look) : glyphs(look).warn
  const indent = 6 + width(code)
  const [first = '', ...more] = toAscii(stripControlCharacters(detail || title), look).split('\n')
  return [
    hangingIndent(`  ${sign} ${paint('strong', code, look)}  `, indent, first, look.columns),
    ...(is !== undefined && should !== undefined ? differenceText({ is, should }, indent, look) : []),
    ...more.flatMap((line) => wrap(line, look.columns - indent).map((each) => ' '.repeat(indent) + each)),
    ...(remedy ? [labeledText('Fix:', remedy, look, indent, 8)] : []),
  ].join('\n')
}

/** More warnings than this are shortened on a terminal. */
const maxFullWarnings = 3

/** Returns the warnings; on a terminal, many of them are shortened to a line each. */
export function warningTexts(warned: readonly CheckResult[], look: TerminalStyle): string[] {
  if (!look.fold || warned.length <= maxFullWarnings) return warned.map((check) => checkText(check, look))
  const brief = warned.map((check) => {
    const [first = ''] = toAscii(stripControlCharacters(check.detail || check.title), look).split('\n')
    const head = `  ${glyphs(look).warn} ${paint('strong', check.code, look)}  `
    return hangingIndent(head, 6 + width(check.code), first, look.columns)
  })
  return [
    brief.join('\n'),
    paint(
      'dim',
      hangingIndent(
        '',
        2,
        `For the fixes, run the same command with --only ${warned[0]!.code} or --report verify.html`,
        look.columns,
      ),
      look,
    ),
  ]
}
