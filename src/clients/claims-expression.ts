// Language version 1 of claims matching expressions. In a text, a single quote escapes the next character, so the text
// ends at one that escapes nothing.
const comparison =
  /^claims\['(?<claim>\w+)'\] (?<operator>eq|matches) '(?<text>(?:[^']|'['*?])*)'(?: and (?=claims)|$)/

/** Returns whether the claims satisfy all comparisons of the expression; false for an expression that can't be parsed. */
export function matchesExpression(expression: string, claims: Record<string, string>): boolean {
  let isMatch = expression !== ''
  for (let rest = expression; rest; ) {
    const found = comparison.exec(rest)
    if (!found) return false
    const { claim = '', operator, text = '' } = found.groups!
    const actual = claims[claim]
    isMatch &&= actual !== undefined && matchesText(text, actual, operator === 'matches')
    rest = rest.slice(found[0].length)
  }
  return isMatch
}

type Token = { literal: string } | 'any' | 'one'

const tokensOf = (text: string, withWildcards: boolean): Token[] =>
  (text.match(/'.|[^']/gs) ?? []).map((part) => {
    if (withWildcards && part === '*') return 'any'
    if (withWildcards && part === '?') return 'one'
    return { literal: part.at(-1)! }
  })

/** Compares in at most length × length steps: a mismatch only ever returns to the last `*`. */
function matchesText(text: string, actual: string, withWildcards: boolean): boolean {
  const tokens = tokensOf(text, withWildcards)
  let at = 0
  let star: { token: number; at: number } | undefined
  for (let token = 0; at < actual.length || token < tokens.length; ) {
    const expected = tokens[token]
    if (expected === 'any') star = { token: token++, at }
    else if (at < actual.length && expected && (expected === 'one' || expected.literal === actual[at])) {
      token++
      at++
    } else if (star && star.at < actual.length) {
      at = ++star.at
      token = star.token + 1
    } else return false
  }
  return true
}
