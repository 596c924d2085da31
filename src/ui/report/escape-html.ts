import { stripControlCharacters } from '../../base/control-characters.ts'

const named: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Escapes text for HTML and SVG, in elements and attributes, and removes control characters. */
export const escapeHtml = (text: string): string =>
  stripControlCharacters(text)
    .toWellFormed()
    .replace(/[&<>"']/g, (sign) => named[sign]!)
