import { readLimits } from '../base/read-limits.ts'

const [quote, backslash, comma, openArray, closeArray, openObject, closeObject] = Buffer.from('"\\,[]{}')

/**
 * Returns what is too large about a JSON text, so that neither parsing it nor walking through its value can exhaust the
 * memory or the stack; undefined for any other text.
 */
export function jsonExcess(text: Buffer): string | undefined {
  let depth = 0
  let values = 1
  for (let index = 0; index < text.length; index++) {
    const byte = text[index]
    if (byte === quote) index = endOfString(text, index)
    else if (byte === comma) values++
    else if (byte === openArray || byte === openObject) {
      values++
      if (++depth > readLimits.depth) return `JSON with more than ${readLimits.depth} levels`
    } else if (byte === closeArray || byte === closeObject) depth--
    if (values > readLimits.values) return `JSON with more than ${readLimits.values} values`
  }
  return undefined
}

/** Returns the index of the string's closing quote. */
function endOfString(text: Buffer, start: number): number {
  for (let end = text.indexOf(quote!, start + 1); end >= 0; end = text.indexOf(quote!, end + 1)) {
    let escapes = 0
    while (text[end - 1 - escapes] === backslash) escapes++
    if (escapes % 2 === 0) return end
  }
  return text.length
}

/** Returns whether the text is a JSON object or array. */
export const isJson = (text: Buffer): boolean => /^\uFEFF?\s*[[{]/.test(text.toString('utf8', 0, 64))
