import { explanations } from './find-explanation.ts'
import { lineEnd, lineStart } from './log-lines.ts'

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

const codeLike = /\b(?:AADSTS\d{1,9}|WI\d{3}|[A-Z][A-Za-z_]{3,99})\b/g
/** Entra's error numbers without their prefix, as MSAL and token responses have them. */
const bareEntraNumber = /(?:Error\(s\): |"error_codes":\s{0,8}\[)(\d{1,9})/g
const codeInErrorField =
  /(?:"code"\s{0,8}:\s{0,8}"|\bCode: |\bCode="|ERROR: \()([A-Z][A-Za-z]{1,99}[a-z][A-Z][A-Za-z]{1,99})\b/g

/** A part of a text, and the code that it has or means. */
export interface CodeSpan {
  start: number
  end: number
  code: string
}

/** Returns the known codes in the text, and all of Entra. */
export function findCodes(text: string): CodeSpan[] {
  const spans: CodeSpan[] = []
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

/** Returns the codes in error fields that have no explanation. */
export function* findUnknownCodes(text: string): Generator<string> {
  for (const { 1: code } of text.matchAll(codeInErrorField))
    if (!knownCodes.has(code!) && !genericCodes.has(code!)) yield code!
}

/** Returns whether a check code in the output of `verify` is one that failed. */
function isFailedCheck(text: string, start: number): boolean {
  const before = text.slice(Math.max(lineStart(text, start), start - 300), start)
  if (/^\s{0,40}(pass|skip)\s/.test(before) || /because of [\w, ]{0,200}$/.test(before)) return false
  const rest = text.slice(start, start + 600)
  const jsonObject = rest.slice(0, rest.indexOf('"code"') + 1 || undefined)
  return (
    !/"status"\s{0,8}:\s{0,8}"(pass|skip)"/.test(jsonObject) && !/"because"\s{0,8}:\s{0,8}"$/.test(before)
  )
}
