import { stripVTControlCharacters } from 'node:util'

// Control, bidirectional and invisible characters could move the cursor, or hide or reorder text.
const controls = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** Returns untrusted text without escape sequences and control characters. Line breaks stay; a tab becomes two spaces. */
export const stripControlCharacters = (text: string): string =>
  stripVTControlCharacters(text.toWellFormed())
    .replace(/\r\n?/g, '\n')
    .replace(controls, '')
    .replaceAll('\t', '  ')
