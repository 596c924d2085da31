import type { Remedy } from '../base/command.ts'
import { stripControlCharacters } from '../base/control-characters.ts'
import type { CheckResult } from '../engine/check-result.ts'
import type { Explained } from '../explain/index.ts'
import { labeledText, warningTexts } from './check-text.ts'
import { glyphs, hangingIndent, paint, sanitizeLine, type TerminalStyle, toAscii, wrap } from './text.ts'

/** Joins the lines of a screen. Every screen ends with a newline. */
export const screen = (...lines: string[]): string => `${lines.join('\n')}\n`

/** Returns a sentence after a check mark or a cross. */
export function statusText(status: 'broken' | 'done', text: string, look: TerminalStyle): string {
  const color = status === 'broken' ? 'broken' : 'accent'
  const head = `  ${paint(color, glyphs(look)[status], look)} `
  return hangingIndent(head, 4, toAscii(stripControlCharacters(text), look), look.columns)
}

/** Returns the warnings, each after an empty line. */
export const warningLines = (checks: readonly CheckResult[], look: TerminalStyle): string[] =>
  warningTexts(
    checks.filter(({ status }) => status === 'warn'),
    look,
  ).flatMap((text) => ['', text])

/** Returns the causes and the fix, then the service's own message and the request ID, dimmed. */
export function reasonsText({ code, why, remedy, original, trace }: Explained, look: TerminalStyle): string {
  const line = (label: string, text: Remedy) => labeledText(label, text, look, 4, 6)
  const message = original === undefined ? '' : `${code}: ${sanitizeLine(original)}`
  const dimmed = [message, trace ? `request ${sanitizeLine(trace)}` : '']
    .filter(Boolean)
    .flatMap((text) => wrap(text, look.columns - 4))
    .map((text) => paint('dim', `    ${text}`, look))
  return [
    ...why.map((each, index) => line(index === 0 ? 'Why:' : '', each)),
    ...(remedy ? [line('Fix:', remedy)] : []),
    ...(dimmed.length ? ['', ...dimmed] : []),
  ].join('\n')
}
