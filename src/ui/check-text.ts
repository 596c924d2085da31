import { type Arguments, isScript, partsOf, type Remedy, type Script } from '../base/command.ts'
import { noTarget, scriptWords } from '../base/command-text.ts'
import { stripControlCharacters } from '../base/control-characters.ts'
import { quotedWords } from '../base/shell.ts'
import type { CheckResult } from '../engine/check-result.ts'
import { differenceText } from './difference-text.ts'
import {
  foldCommand,
  glyphs,
  hangingIndent,
  paint,
  type TerminalStyle,
  toAscii,
  width,
  wrap,
} from './text.ts'

function commandWords(script: Script, { target = noTarget, unicode }: TerminalStyle): string[] {
  const words = scriptWords(script, target, unicode)
  return unicode ? words : words.map((word) => word.replaceAll('…', '...'))
}

/** Returns a command in one line. */
export const commandText = (script: Script, look: TerminalStyle): string =>
  commandWords(script, look).join(' ')

const argumentsText = ({ args }: Arguments, { target = noTarget, unicode }: TerminalStyle): string =>
  toAscii(quotedWords(args, { shell: target.shell, unicode }), { unicode })

/** Stands for the spaces of a command while the text around it is wrapped. */
const unbreakable = '\u{fdd0}'

/** Returns a label in its column, then the remedy. A command is not wrapped, so that it can be copied. */
export function labeledText(
  label: string,
  remedy: Remedy,
  look: TerminalStyle,
  indent: number,
  column: number,
): string {
  const head = `${' '.repeat(indent)}${label}`.padEnd(indent + column)
  if (isScript(remedy)) {
    const words = commandWords(remedy, look)
    const lines = look.fold ? foldCommand(words, look.columns - indent - column) : [words.join(' ')]
    return lines
      .map((line, index) => (index ? ' '.repeat(indent + column) : head) + paint('accent', line, look))
      .join('\n')
  }
  const shown = partsOf(remedy).map((part) =>
    typeof part === 'string'
      ? toAscii(stripControlCharacters(part), look)
      : (isScript(part) ? commandText(part, look) : argumentsText(part, look)).replaceAll(' ', unbreakable),
  )
  return hangingIndent(head, indent + column, shown.join(''), look.columns).replaceAll(unbreakable, ' ')
}

/** Returns a failed check or a warning: the problem, the difference, the fix. */
export function checkText(check: CheckResult, look: TerminalStyle): string {
  const { code, title, detail, is, should, remedy, fix = remedy, status, undetermined } = check
  const sign =
    status === 'fail' && !undetermined ? paint('broken', glyphs(look).broken, look) : glyphs(look).warn
  const indent = 6 + width(code)
  const [first = '', ...more] = toAscii(stripControlCharacters(detail || title), look).split('\n')
  return [
    hangingIndent(`  ${sign} ${paint('strong', code, look)}  `, indent, first, look.columns),
    ...(is !== undefined && should !== undefined ? differenceText({ is, should }, indent, look) : []),
    ...more.flatMap((line) => wrap(line, look.columns - indent).map((each) => ' '.repeat(indent) + each)),
    ...(fix ? [labeledText('Fix:', fix, look, indent, 8)] : []),
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
