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

/** `label` in its column, then the text; a command stays in one line, so that it can be copied. */
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

/** One failed check (or warning) in full: the sentence, the visible difference, and what mends it. */
export function checkText(check: CheckResult, look: TerminalStyle): string {
  const { code, title, detail, is, should, remedy, status } = check
  const sign = status === 'fail' ? paint('broken', glyphs(look).broken, look) : glyphs(look).warn
  const indent = 6 + width(code)
  const [first = '', ...more] = toAscii(stripControlCharacters(detail || title), look).split('\n')
  return [
    hangingIndent(`  ${sign} ${paint('strong', code, look)}  `, indent, first, look.columns),
    ...(is !== undefined && should !== undefined ? differenceText({ is, should }, indent, look) : []),
    ...more.flatMap((line) => wrap(line, look.columns - indent).map((each) => ' '.repeat(indent) + each)),
    ...(remedy ? [labeledText('Mend:', remedy, look, indent, 8)] : []),
  ].join('\n')
}

/** More warnings than these would fill the screen of a terminal. */
const few = 3

/** Each warning in full; on a terminal many of them in a sentence each, and how to see one in full. */
export function warningTexts(warned: readonly CheckResult[], look: TerminalStyle): string[] {
  const [first] = warned
  if (!first || !look.fold || warned.length <= few) return warned.map((check) => checkText(check, look))
  const brief = warned.map((check) => {
    const [said = ''] = toAscii(stripControlCharacters(check.detail || check.title), look).split('\n')
    const head = `  ${glyphs(look).warn} ${paint('strong', check.code, look)}  `
    return hangingIndent(head, 6 + width(check.code), said, look.columns)
  })
  return [
    brief.join('\n'),
    paint(
      'dim',
      hangingIndent(
        '',
        2,
        `What mends them: the same command with --only ${first.code}, or with --report verify.html`,
        look.columns,
      ),
      look,
    ),
  ]
}
