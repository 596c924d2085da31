import { wrappedPattern } from '../base/bounded-pattern.ts'
import type { Explanation } from './explanation.ts'
import { explanations } from './find-explanation.ts'
import { type CodeSpan, findCodes } from './log-codes.ts'
import { lineEnd, lineStart } from './log-lines.ts'
import { makePlaces } from './log-places.ts'
import type { Resolution, Resolver } from './log-resolver.ts'

/** Characters after a code that can belong to its failure. */
export const maxContext = 4096
/** Characters before a code that can belong to its failure. */
export const precedingContext = 2048
/** Characters around a message in which an explanation's `context` must match. */
const messageContext = 240

const messagePatterns = explanations.flatMap((explanation) =>
  explanation.message ? [{ explanation, pattern: wrappedPattern(explanation.message) }] : [],
)

/** A code or message found in a log, with what it means. */
export interface LogMatch extends CodeSpan {
  resolution: Resolution
}

/** Returns all known failures in the text in their order. */
export function findLogMatches(text: string, resolver: Resolver): LogMatch[] {
  const codes = findCodes(text)
  const neighbors = differentNeighbors(codes)
  const codeMatches = codes.flatMap((span, index) => {
    const resolution = resolver.resolve(text, span, () => surroundingCode(text, span, neighbors[index]!))
    return resolution ? [{ ...span, resolution }] : []
  })
  return [...codeMatches, ...findMessages(text, codeMatches, resolver)].sort((a, b) => a.start - b.start)
}

interface Neighbors {
  /** End of the previous different code. */
  previous: number
  /** Start of the next different code. */
  next: number
}

function differentNeighbors(codes: readonly CodeSpan[]): Neighbors[] {
  const neighbors = codes.map(() => ({ previous: 0, next: Number.POSITIVE_INFINITY }))
  for (let index = 1; index < codes.length; index++) {
    const before = codes[index - 1]!
    neighbors[index]!.previous =
      before.code === codes[index]!.code ? neighbors[index - 1]!.previous : before.end
  }
  for (let index = codes.length - 2; index >= 0; index--) {
    const after = codes[index + 1]!
    neighbors[index]!.next = after.code === codes[index]!.code ? neighbors[index + 1]!.next : after.start
  }
  return neighbors
}

/** Returns the text around a code, up to the neighbouring codes. */
function surroundingCode(text: string, { start }: CodeSpan, { previous, next }: Neighbors): string {
  const after = text.slice(start, Math.min(next, start + maxContext))
  // A message follows its code, but in JSON it often precedes an inner code.
  return `${after}\n${fromWordStart(text, Math.max(previous, start - precedingContext), start)}`
}

/** Starts at the next word, because half a token would escape redaction. */
const fromWordStart = (text: string, start: number, end: number) =>
  start === 0 ? text.slice(0, end) : text.slice(start, end).replace(/^\S+/, '')

interface MessageSpan extends CodeSpan {
  explanation: Explanation
}

/** Returns known messages that don't belong to one of the codes. */
function findMessages(text: string, codeMatches: readonly LogMatch[], resolver: Resolver): LogMatch[] {
  const codePlaces = makePlaces<LogMatch>()
  for (const match of codeMatches) codePlaces.add(match)
  const foundPlaces = makePlaces<MessageSpan>()
  const causes = makePlaces<CodeSpan>()
  for (const match of codeMatches) causes.add(match)
  const found: MessageSpan[] = []
  for (const { explanation, pattern } of messagePatterns)
    for (const { index: start, 0: match } of text.matchAll(pattern)) {
      const end = start + match.length
      const span = { start, end, code: explanation.codes[0]!, explanation }
      const around = text.slice(Math.max(0, start - messageContext), end + messageContext)
      if (isKnown(text, span, codePlaces, foundPlaces)) continue
      if (!(explanation.context?.test(around) ?? true)) continue
      found.push(span)
      foundPlaces.add(span)
      if (!explanation.symptom) causes.add(span)
    }
  const isConsequence = ({ start, end }: MessageSpan) =>
    causes.some(start, end, precedingContext, (each) => Math.abs(each.start - start) < precedingContext)
  return found
    .filter((span) => !span.explanation.symptom || !isConsequence(span))
    .flatMap((span) => {
      const surrounding = () =>
        text.slice(lineStart(text, span.start), Math.min(text.length, span.end + precedingContext))
      const resolution = resolver.resolve(text, span, surrounding, span.explanation)
      return resolution ? [{ ...span, resolution }] : []
    })
}

/** Returns whether a code or another message nearby already stands for the message. */
function isKnown(
  text: string,
  { start, end, explanation }: MessageSpan,
  codes: ReturnType<typeof makePlaces<LogMatch>>,
  messages: ReturnType<typeof makePlaces<MessageSpan>>,
): boolean {
  const [firstLine, lastLine] = [lineStart(text, start), lineEnd(text, end)]
  return (
    codes.some(
      start,
      end,
      maxContext,
      (each) =>
        (each.start >= firstLine && each.start < lastLine && each.code.startsWith('AADSTS')) ||
        (Math.abs(each.start - start) < precedingContext &&
          each.resolution.match?.explanation === explanation),
    ) ||
    messages.some(
      start,
      end,
      maxContext,
      (each) =>
        (start < each.end && each.start < end) ||
        (each.explanation === explanation && lineStart(text, each.start) === firstLine),
    )
  )
}
