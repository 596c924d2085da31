import { redactText } from './redact.ts'

/** Longer messages are web pages, dumps or attacks. */
const mostRead = 64 * 1024

/**
 * Returns the redacted beginning of an untrusted text, for patterns and screens. Secrets are replaced before the text is
 * cut, because half a secret would not be recognized.
 */
export function limitText(text: string, most = 8 * 1024): string {
  const redacted = redactText(text.length <= mostRead ? text : withoutLastWord(text.slice(0, mostRead)))
  return redacted.length <= most
    ? redacted
    : `${redacted.slice(0, most)}… (${text.length - most} more characters)`
}

/** The first cut can be inside a secret. */
function withoutLastWord(text: string): string {
  const end = Math.max(text.lastIndexOf(' '), text.lastIndexOf('\n'))
  return text.slice(0, end < 0 ? 0 : end)
}
