import { stripVTControlCharacters, styleText } from 'node:util'
import stringWidth from 'string-width'
import type { CommandTarget } from '../base/command-text.ts'
import { stripControlCharacters } from '../base/control-characters.ts'

/** The capabilities of the terminal. */
export interface TerminalStyle {
  columns: number
  color: boolean
  /** Characters beyond ASCII. */
  unicode: boolean
  /** Break long commands over several lines with backslashes, for a POSIX shell. */
  fold?: boolean
  /** What printed commands act on; nothing in particular if left out. */
  target?: CommandTarget
}

const styles = { accent: 'cyan', dim: 'dim', broken: 'red', strong: 'bold' } as const

/** Colors a text: one accent, dim for what is already known, red only for what is broken. */
export const paint = (
  style: keyof typeof styles,
  text: string,
  look: Pick<TerminalStyle, 'color'>,
): string => (look.color && text ? styleText(styles[style], text, { validateStream: false }) : text)

const signs = { done: '✓', broken: '✗', skipped: '–', arrow: '→', link: '─', more: '…', warn: '!' }
const asciiSigns: typeof signs = {
  done: '+',
  broken: 'x',
  skipped: '-',
  arrow: '->',
  link: '-',
  more: '...',
  warn: '!',
}
export const glyphs = (look: Pick<TerminalStyle, 'unicode'>) => (look.unicode ? signs : asciiSigns)

/** Replaces the non-ASCII characters of our own texts where the terminal can't show them. */
export const toAscii = (text: string, look: Pick<TerminalStyle, 'unicode'>): string =>
  look.unicode
    ? text
    : text.replaceAll('…', '...').replaceAll('→', '->').replaceAll('─', '-').replaceAll(/[‘’]/g, "'")

/** Returns the text in one line, without control characters. */
export const sanitizeLine = (text: string): string =>
  stripControlCharacters(text)
    .replace(/(?<!\s)\s*\n\s*/g, ' ')
    .trim()

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Returns the columns that a text takes on a terminal; escape sequences take none. */
export const width = (text: string): number => (/^[ -~]*$/.test(text) ? text.length : stringWidth(text))

export const pad = (text: string, columns: number): string =>
  text + ' '.repeat(Math.max(0, columns - width(text)))

/** Returns the first (or last) `columns` of an unstyled text. */
function cut(text: string, columns: number, end = false): string {
  const graphemes = [...segmenter.segment(text)].map(({ segment }) => segment)
  if (end) graphemes.reverse()
  const taken: string[] = []
  let room = columns
  for (const grapheme of graphemes) {
    room -= width(grapheme)
    if (room < 0) break
    taken.push(grapheme)
  }
  return (end ? taken.reverse() : taken).join('')
}

/** Returns at most `columns`, without the end. */
export function truncate(text: string, columns: number, look: Pick<TerminalStyle, 'unicode'>): string {
  const { more } = glyphs(look)
  return width(text) <= columns ? text : cut(text, Math.max(0, columns - more.length)) + more
}

/** Returns at most `columns`, without the middle. */
export function truncateMiddle(text: string, columns: number, look: Pick<TerminalStyle, 'unicode'>): string {
  const { more } = glyphs(look)
  if (width(text) <= columns) return text
  const room = Math.max(0, columns - more.length)
  const end = Math.floor(room / 2)
  return cut(text, room - end) + more + cut(text, end, true)
}

/** Wraps at spaces; a word longer than the line overflows. Existing line breaks stay. */
export function wrap(text: string, columns: number): string[] {
  const room = Math.max(8, columns)
  return text.split('\n').flatMap((paragraph) => {
    if (width(paragraph) <= room) return [paragraph]
    const lines: string[] = []
    let line = /^ */.exec(paragraph)![0]
    let isEmpty = true
    for (const word of paragraph.trim().split(/ +/)) {
      if (!isEmpty && width(line) + 1 + width(word) > room) {
        lines.push(line)
        line = ''
        isEmpty = true
      }
      line += isEmpty ? word : ` ${word}`
      isEmpty = false
    }
    return [...lines, line]
  })
}

/** Returns a head of `indent` columns with the wrapped text next to it, or below it on a narrow terminal. */
export function hangingIndent(head: string, indent: number, text: string, columns: number): string {
  const gap = width(head) >= indent && /\S$/.test(stripVTControlCharacters(head)) ? ' ' : ''
  const from = Math.max(indent, width(head) + gap.length)
  if (columns - from < 20 && width(head) + gap.length + width(text) > columns) {
    const below = Math.min(6, indent)
    return [head.trimEnd(), ...wrap(text, columns - below).map((line) => ' '.repeat(below) + line)].join('\n')
  }
  const [first = '', ...rest] = wrap(text, columns - from)
  return [(pad(head, indent) + gap + first).trimEnd(), ...rest.map((line) => ' '.repeat(from) + line)].join(
    '\n',
  )
}

const clock = (seconds: number): string => {
  const two = (n: number) => String(n).padStart(2, '0')
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`
}

/** Returns how long something took: `0.2 s`, `1:32`, `1:02:03`. */
export const formatDuration = (ms: number): string =>
  ms < 59_950 ? `${(Math.max(0, ms) / 1000).toFixed(1)} s` : clock(Math.round(ms / 1000))

/** Returns how long something has been running: `6 s`, `1:32`. */
export const formatElapsed = (ms: number): string => {
  const seconds = Math.floor(Math.max(0, ms) / 1000)
  return seconds < 60 ? `${seconds} s` : clock(seconds)
}

/** Splits a command of these words into lines of at most `columns` that end in ` \\`. */
export function foldCommand(words: readonly string[], columns: number): string[] {
  if (width(words.join(' ')) <= columns) return [words.join(' ')]
  const lines: string[] = []
  let line = ''
  for (const [index, word] of words.entries()) {
    const value = words[index + 1]
    const flag = word.startsWith('-') && value !== undefined && !value.startsWith('-')
    const piece = flag && width(`${word} ${value}`) + 4 <= columns ? `${word} ${value}` : word
    if (line && width(line) + 1 + width(piece) + 2 > columns) {
      lines.push(`${line} \\`)
      line = `  ${word}`
    } else line += line ? ` ${word}` : word
  }
  return [...lines, line]
}

export const pluralize = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`
