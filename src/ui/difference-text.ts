import { stripControlCharacters } from '../base/control-characters.ts'
import { glyphs, paint, type TerminalStyle, width } from './text.ts'

/** Quotes a text that starts or ends with spaces. */
const visible = (text: string) => (text.trim() === text ? text : JSON.stringify(text))

export function firstDifference(a: string, b: string): number {
  let index = 0
  while (index < a.length && index < b.length && a[index] === b[index]) index++
  return index
}

/** Cuts both texts to the same window around the first difference. */
function windowed(
  is: string,
  should: string,
  room: number,
  look: TerminalStyle,
): { is: string; should: string; at: number } {
  const at = firstDifference(is, should)
  if (width(is) <= room && width(should) <= room) return { is, should, at }
  const { more } = glyphs(look)
  const from = Math.max(
    0,
    Math.min(at - Math.floor(room / 2), Math.max(is.length, should.length) - room + more.length),
  )
  const part = (text: string) => {
    const begin = from > 0 ? more : ''
    const shown = text.slice(from, from + room - begin.length)
    return begin + (from + shown.length < text.length ? shown.slice(0, -more.length) + more : shown)
  }
  return { is: part(is), should: part(should), at: at - from + (from > 0 ? more.length : 0) }
}

/** Whether the texts are similar enough to mark the difference: not `off` and `(none)`. */
export function areSimilar(is: string, should: string): boolean {
  const shorter = Math.min(is.length, should.length)
  const before = firstDifference(is, should)
  const after = firstDifference([...is].reverse().join(''), [...should].reverse().join(''))
  return shorter >= 12 && before + after >= shorter / 3
}

/** Returns the actual value above the expected one, with a caret below the first difference. */
export function differenceText(
  of: { is: string; should: string },
  indent: number,
  look: TerminalStyle,
): string[] {
  const [is, should] = [of.is, of.should].map((text) =>
    visible(stripControlCharacters(text).replaceAll('\n', ' ')),
  ) as [string, string]
  const head = ' '.repeat(indent)
  const from = indent + 8
  const cut = windowed(is, should, Math.max(10, look.columns - from), look)
  const lines = [`${head}is      ${cut.is}`, `${head}should  ${cut.should}`]
  if (!areSimilar(is, should)) return lines
  const before = width(cut.should.slice(0, cut.at))
  return [...lines, ' '.repeat(from + before) + paint('broken', '^', look)]
}
