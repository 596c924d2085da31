import { redactText } from '../base/redact.ts'
import { explainCheckCode } from './codes.ts'
import type { Explanation } from './explanation.ts'
import { type Explained, explainFailure, traceIdIn } from './index.ts'
import { lineEnd, lineStart } from './log-lines.ts'
import type { LogMatch } from './log-matches.ts'
import type { Values } from './values.ts'

/** Returns the explanation of a match in the text; undefined if there is none. */
export function explainLogMatch(text: string, logMatch: LogMatch): Explained | undefined {
  const { start, code, resolution } = logMatch
  const { surrounding, message, match } = resolution
  const check = explainCheckCode(code)
  if (check)
    return {
      ...check,
      trace: traceNear(text, logMatch),
      presented: failedValues(text.slice(start, start + 2000)),
    }
  if (!match && !code.startsWith('AADSTS')) return undefined
  const explained = explainFailure({ code, message, trace: traceNear(text, logMatch) }, match)
  return match
    ? { ...explained, original: originalMessage(text, start, surrounding, match.explanation) }
    : { ...explained, what: originalMessage(text, start, surrounding) }
}

const traceNear = (text: string, { start, resolution }: LogMatch) =>
  traceIdIn(text.slice(start, start + resolution.surrounding.length)) ??
  traceIdIn(text.slice(lineStart(text, start), start))

/** Returns the service's message if its start is known, else the text after the code; at most a few lines. */
function originalMessage(
  text: string,
  start: number,
  surrounding: string,
  explanation?: Explanation,
): string {
  const at = explanation?.message?.exec(surrounding)?.index
  // The sentence can start before the part that the pattern matches.
  const sentence = at === undefined ? '' : /[^"\n\u2028]{0,200}$/.exec(surrounding.slice(0, at))![0]
  const message =
    at === undefined
      ? text.slice(start, lineEnd(text, start))
      : surrounding.slice(at - (sentence.length < 200 ? sentence.length : 0))
  return redactText(message.replaceAll('\u2028', ' '))
    .split('\n')[0]!
    .replace(/\s{0,40}(?:- )?(?:Trace ID|Correlation ID|Timestamp):.*$/s, '')
    .trim()
    .slice(0, 4096)
    .replace(/^(.{280}\S*)\s.*$/s, '$1 …')
    .slice(0, 400)
}

/** Returns the `is` and `should` values of a failed check in the output of `verify`. */
function failedValues(text: string): Values {
  const { is, should } =
    /\n\s{1,40}is\s{2,40}(?<is>[^\n]*)\n\s{1,40}should\s{2,40}(?<should>[^\n]*)/.exec(text)?.groups ?? {}
  return is === undefined ? {} : { is: redactText(is.trim()), should: redactText(should!.trim()) }
}
