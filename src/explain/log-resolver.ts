import { redactText } from '../base/redact.ts'
import type { Explanation } from './explanation.ts'
import { findExplanation, type Match } from './find-explanation.ts'
import type { Explained } from './index.ts'
import type { CodeSpan } from './log-codes.ts'
import { lineEnd } from './log-lines.ts'

/** Failures that are resolved one by one before repeated lines share a resolution. */
const exactResolutions = 100
/** The most different failures that are resolved; later ones are not read. */
const maxResolutions = 2000
/** Number of characters of a line that are compared to distinguish failures. */
const maxKey = 300

/** What a code or message in a log means. Occurrences with the same text share it. */
export interface Resolution {
  surrounding: string
  /** The redacted message, with wrapped lines joined if that helps. */
  message: string
  match: Match | undefined
  /** Set once the failure has been reported. */
  explained?: Explained
}

export interface Resolver {
  /** Returns undefined if the log has too many different failures. */
  resolve(
    text: string,
    span: CodeSpan,
    surrounding: () => string,
    explanation?: Explanation,
  ): Resolution | undefined
}

/** Returns a resolver with a limit on its work, however many failures a log has. */
export function makeResolver(): Resolver {
  const known = new Map<string, Resolution>()
  let resolved = 0
  return {
    resolve(text, span, surrounding, explanation) {
      const key = keyOf(text, span)
      const same = resolved < exactResolutions ? undefined : known.get(key)
      if (same) return same
      if (resolved >= maxResolutions) return undefined
      resolved++
      const resolution = resolve(span.code, surrounding(), explanation)
      known.set(key, resolution)
      return resolution
    },
  }
}

/** Returns the code and the rest of its line, without what differs at each occurrence. */
const keyOf = (text: string, { start, code }: CodeSpan) =>
  `${code} ${text.slice(start, Math.min(lineEnd(text, start), start + maxKey)).replace(/(?:Trace|Correlation) ID:.*$/s, '')}`

function resolve(code: string, surrounding: string, explanation: Explanation | undefined): Resolution {
  // A check code needs no message.
  if (/^WI\d/.test(code)) return { surrounding, message: '', match: undefined }
  const attempt = (text: string) => {
    const message = redactText(text)
    const match = explanation ? { explanation, code } : findExplanation({ code, message, trace: undefined })
    return { surrounding, message, match }
  }
  const original = attempt(surrounding)
  if (original.match?.explanation.message?.test(original.message)) return original
  const joined = attempt(surrounding.replace(/\s{0,40}\n\s{0,40}/g, ' '))
  return joined.match?.explanation.message || joined.match?.explanation.values ? joined : original
}
