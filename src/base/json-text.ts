// JSON.stringify escapes U+0000 to U+001F only. The others could move a terminal's cursor, or hide or reorder text.
const controls = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu

const escaped = (character: string) =>
  character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')

/** Returns a JSON document without raw control, bidirectional or invisible characters. `JSON.parse` returns the same value. */
export const jsonText = (value: unknown, indent?: number): string =>
  JSON.stringify(value, undefined, indent).replace(controls, escaped)
