import { stripVTControlCharacters, styleText } from 'node:util'
import { stripControlCharacters } from '../base/control-characters.ts'

/** How the terminal is: `columns` wide, whether it shows colours and more than ASCII. */
export interface TerminalStyle {
  columns: number
  color: boolean
  unicode: boolean
  /** Long commands are broken between their words, as a POSIX shell takes them back. */
  fold?: boolean
}

const styles = { accent: 'cyan', dim: 'dim', broken: 'red', strong: 'bold' } as const

/** One accent colour, dim for what is known already, red only for what is broken. */
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

/** Our own few signs in ASCII, for terminals that have no more. */
export const toAscii = (text: string, look: Pick<TerminalStyle, 'unicode'>): string =>
  look.unicode
    ? text
    : text.replaceAll('…', '...').replaceAll('→', '->').replaceAll('─', '-').replaceAll(/[‘’]/g, "'")

/** The same, in one line. */
export const sanitizeLine = (text: string): string =>
  stripControlCharacters(text)
    .replace(/\s*\n\s*/g, ' ')
    .trim()

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })
const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u

const cells = (grapheme: string) =>
  /^[\p{Mn}\p{Me}\p{Cf}]+$/u.test(grapheme) ? 0 : wide.test(grapheme) ? 2 : 1

/** Columns that a text takes on a terminal; escape sequences take none. */
export function width(text: string): number {
  const bare = stripVTControlCharacters(text)
  if (/^[ -~]*$/.test(bare)) return bare.length
  let sum = 0
  for (const { segment } of segmenter.segment(bare)) sum += cells(segment)
  return sum
}

export const pad = (text: string, columns: number): string =>
  text + ' '.repeat(Math.max(0, columns - width(text)))

/** The first (or last) `columns` of an unstyled text. */
function cut(text: string, columns: number, end = false): string {
  const graphemes = [...segmenter.segment(text)].map(({ segment }) => segment)
  if (end) graphemes.reverse()
  const kept: string[] = []
  let room = columns
  for (const grapheme of graphemes) {
    room -= cells(grapheme)
    if (room < 0) break
    kept.push(grapheme)
  }
  return (end ? kept.reverse() : kept).join('')
}

/** At most `columns` wide, the end left out. */
export function truncate(text: string, columns: number, look: Pick<TerminalStyle, 'unicode'>): string {
  const { more } = glyphs(look)
  return width(text) <= columns ? text : cut(text, Math.max(0, columns - more.length)) + more
}

/** At most `columns` wide, the middle left out. */
export function truncateMiddle(text: string, columns: number, look: Pick<TerminalStyle, 'unicode'>): string {
  const { more } = glyphs(look)
  if (width(text) <= columns) return text
  const room = Math.max(0, columns - more.length)
  const end = Math.floor(room / 2)
  return cut(text, room - end) + more + cut(text, end, true)
}

/** Breaks at blanks; a word wider than the line is broken where it must. Existing lines stay. */
export function wrap(text: string, columns: number): string[] {
  const room = Math.max(8, columns)
  return text.split('\n').flatMap((paragraph) => {
    if (width(paragraph) <= room) return [paragraph]
    const lines: string[] = []
    let line = /^ */.exec(paragraph)![0]
    let empty = true
    for (let word of paragraph.trim().split(/ +/)) {
      if (!empty && width(line) + 1 + width(word) > room) {
        lines.push(line)
        line = ''
        empty = true
      }
      while (empty && width(word) > room - width(line)) {
        const head = cut(word, room - width(line)) || word[0]!
        lines.push(line + head)
        word = word.slice(head.length)
        line = ''
      }
      line += empty ? word : ` ${word}`
      empty = false
    }
    return [...lines, line]
  })
}

/** A head of `indent` columns, then the text beside it, wrapped; on a narrow terminal the text stands below. */
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

/** How long something took: `0.2 s`, `1:32`, `1:02:03`. */
export const formatDuration = (ms: number): string =>
  ms < 59_950 ? `${(Math.max(0, ms) / 1000).toFixed(1)} s` : clock(Math.round(ms / 1000))

/** How long something has been going on: `6 s`, `1:32`. */
export const formatElapsed = (ms: number): string => {
  const seconds = Math.floor(Math.max(0, ms) / 1000)
  return seconds < 60 ? `${seconds} s` : clock(seconds)
}

/** A mend that can be pasted, as against one that is a deed in words. */
export const isCommand = (text: string): boolean =>
  /^(npx|az|kubectl|helm|kubelogin|curl|nslookup|export|date|terraform) \S/.test(text) && !text.includes('\n')

/** Each word with its quotes; a flag together with its value. */
const words = /(?:\$\([^)]*\)|[^\s'"]|'[^']*'|"(?:[^"\\]|\\.)*")+/g

/** A command in lines of at most `columns`, each but the last ending in ` \\`; what cannot be broken safely stays whole. */
export function foldCommand(command: string, columns: number): string[] {
  const all = command.match(words) ?? []
  if (width(command) <= columns || all.join(' ') !== command) return [command]
  const lines: string[] = []
  let line = ''
  for (const [index, word] of all.entries()) {
    const value = all[index + 1]
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
