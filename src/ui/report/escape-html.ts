import { stripControlCharacters } from '../../base/control-characters.ts'

const named: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** For HTML and SVG, as text and in attributes: it stays text, and moves no cursor. */
export const escapeHtml = (text: string): string =>
  stripControlCharacters(text)
    .toWellFormed()
    .replace(/[&<>"']/g, (sign) => named[sign]!)
