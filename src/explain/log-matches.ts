import { redactText } from '../base/redact.ts'
import type { Explanation } from './explanation.ts'
import { explanations, findExplanation, type Match } from './find-explanation.ts'
import { lineEnd, lineStart } from './log-lines.ts'

/** Characters after a code that can belong to its failure. */
export const maxContext = 4096
/** Characters before a code that can belong to its failure. */
export const precedingContext = 2048
/** Characters around a message in which an explanation's `context` must match. */
const messageContext = 240
/** The maximum number of different failures to report; a log with more has a bigger problem. */
export const maxFailures = 100

/** Codes that are too generic to mean a failure on their own; only their messages count. */
const genericCodes = new Set([
  'BadRequest',
  'NotFound',
  'AlreadyExists',
  'TooManyRequests',
  'InternalError',
  'InternalServerError',
  'ServiceUnavailable',
  'BadGateway',
  'GatewayTimeout',
  'ServerTimeout',
  'MethodNotAllowed',
  'HttpStatus',
  'InvalidParameter',
  'AuthenticationFailed',
])
const isSpecific = (code: string) =>
  !genericCodes.has(code) && (/[a-z][A-Z]|_/.test(code) || /^(AADSTS\d+|E[A-Z]{4,})$/.test(code))

const knownCodes = new Set(explanations.flatMap(({ codes }) => codes))
const specificCodes = new Set([...knownCodes].filter(isSpecific))

/** Allows a line break for every space, because some tools (Terraform) wrap messages. */
const allowLineBreaks = ({ source, flags }: RegExp) =>
  new RegExp(source.replaceAll(/ (?![?*+{])/g, '\\s+'), flags.includes('i') ? 'gi' : 'g')
const messagePatterns = explanations.flatMap((explanation) =>
  explanation.message ? [{ explanation, pattern: allowLineBreaks(explanation.message) }] : [],
)

const codeLike = /\b(?:AADSTS\d+|WI\d{3}|[A-Z][A-Za-z]*_?[A-Za-z_]{3,})\b/g
/** Entra's error numbers without their prefix, as MSAL and token responses have them. */
const bareEntraNumber = /(?:Error\(s\): |"error_codes":\s*\[)(\d+)/g
const codeInErrorField =
  /(?:"code"\s*:\s*"|\bCode: |\bCode="|ERROR: \()([A-Z][A-Za-z]+[a-z][A-Z][A-Za-z]+)\b/g

interface Span {
  start: number
  end: number
  code: string
}

/** A code or message found in a log, with the surrounding text that belongs to it. */
export interface LogMatch extends Span {
  /** Set if the message was found instead of a code. */
  explanation?: Explanation
  surrounding: string
}

/** Returns all known failures in the text in their order, and adds unexplained codes to `unknownCodes`. */
export function findLogMatches(text: string, unknownCodes: Set<string>): LogMatch[] {
  const codes = findCodes(text)
  for (const { 1: code } of text.matchAll(codeInErrorField))
    if (!knownCodes.has(code!) && !genericCodes.has(code!) && unknownCodes.size < maxFailures)
      unknownCodes.add(code!)
  const codeMatches = codes.map((span, index) => ({ ...span, surrounding: textOf(text, codes, index) }))
  return [...codeMatches, ...findMessages(text, codeMatches)].toSorted((a, b) => a.start - b.start)
}

function findCodes(text: string): Span[] {
  const spans: Span[] = []
  for (const { index: start, 0: code } of text.matchAll(codeLike)) {
    const counts = code.startsWith('WI')
      ? isFailedCheck(text, start)
      : specificCodes.has(code) || /^AADSTS\d/.test(code)
    if (counts) spans.push({ start, code, end: start + code.length })
  }
  for (const { index: start, 0: match, 1: number } of text.matchAll(bareEntraNumber)) {
    const code = `AADSTS${number}`
    if (!text.slice(lineStart(text, start), lineEnd(text, start)).includes(code))
      spans.push({ start, code, end: start + match.length })
  }
  return spans.sort((a, b) => a.start - b.start)
}

/** Returns whether a check code in the output of `verify` is one that failed. */
function isFailedCheck(text: string, start: number): boolean {
  const before = text.slice(lineStart(text, start), start)
  if (/^\s*(pass|skip)\s/.test(before) || /because of [\w, ]*$/.test(before)) return false
  const rest = text.slice(start, start + 600)
  const jsonObject = rest.slice(0, rest.indexOf('"code"') + 1 || undefined)
  return !/"status"\s*:\s*"(pass|skip)"/.test(jsonObject) && !/"because"\s*:\s*"$/.test(before)
}

/** Returns the text around a code, up to the neighbouring codes. */
function textOf(text: string, codes: readonly Span[], index: number): string {
  const { start, code } = codes[index]!
  const next = codes.slice(index + 1).find((each) => each.code !== code)?.start ?? text.length
  const previous = codes.slice(0, index).findLast((each) => each.code !== code)?.end ?? 0
  const after = text.slice(start, Math.min(next, start + maxContext))
  // A message follows its code, but in JSON it often precedes an inner code.
  return `${after}\n${fromWordStart(text, Math.max(previous, start - precedingContext), start)}`
}

/** Starts at the next word, because half a token would escape redaction. */
const fromWordStart = (text: string, start: number, end: number) =>
  start === 0 ? text.slice(0, end) : text.slice(start, end).replace(/^\S+/, '')

/** Returns known messages that don't belong to one of the codes. */
function findMessages(text: string, codeMatches: readonly LogMatch[]): LogMatch[] {
  const explained = codeMatches.map((match) => ({
    start: match.start,
    explanation: resolveLogMatch(match).match?.explanation,
  }))
  const found: (Span & { explanation: Explanation })[] = []
  for (const { explanation, pattern } of messagePatterns)
    for (const { index: start, 0: match } of text.matchAll(pattern)) {
      const end = start + match.length
      const [firstLine, lastLine] = [lineStart(text, start), lineEnd(text, end)]
      const isKnown =
        explained.some(
          (each) => each.explanation === explanation && Math.abs(each.start - start) < precedingContext,
        ) ||
        codeMatches.some(
          (each) => each.start >= firstLine && each.start < lastLine && each.code.startsWith('AADSTS'),
        ) ||
        found.some(
          (each) =>
            (start < each.end && each.start < end) ||
            (each.explanation === explanation && lineStart(text, each.start) === firstLine),
        )
      const around = text.slice(Math.max(0, start - messageContext), end + messageContext)
      if (!isKnown && (explanation.context?.test(around) ?? true))
        found.push({ start, end, code: explanation.codes[0]!, explanation })
    }
  const causes = [...codeMatches, ...found.filter(({ explanation }) => !explanation.symptom)]
  return found
    .filter(
      ({ start, explanation }) =>
        !explanation.symptom || !causes.some((each) => Math.abs(each.start - start) < precedingContext),
    )
    .map((match) => ({
      ...match,
      surrounding: text.slice(
        lineStart(text, match.start),
        Math.min(text.length, match.end + precedingContext),
      ),
    }))
}

/** Returns the explanation of a match and its redacted message, with wrapped lines joined if that helps. */
export function resolveLogMatch({ code, explanation, surrounding }: LogMatch): {
  message: string
  match: Match | undefined
} {
  const resolve = (text: string) => {
    const message = redactText(text)
    const match = explanation ? { explanation, code } : findExplanation({ code, message, trace: undefined })
    return { message, match }
  }
  const original = resolve(surrounding)
  if (original.match?.explanation.message?.test(original.message)) return original
  const joined = resolve(surrounding.replace(/\s*\n\s*/g, ' '))
  return joined.match?.explanation.message || joined.match?.explanation.values ? joined : original
}
