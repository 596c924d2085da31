/** One comparison of a claims matching expression: `claims['sub'] matches 'repo:acme/*'`. */
export interface Comparison {
  claim: string
  operator: 'eq' | 'matches'
  /** The text as a pattern: wildcards of `matches`, and the rest literally. */
  pattern: RegExp
  /** The text as written, without its quotes. */
  text: string
}

// A single quote in the text escapes the next character, so the text ends at one that escapes nothing.
const comparison = /^claims\['(\w+)'\] (eq|matches) '((?:[^']|'['*?])*)'/

const escapeRegExp = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')

function toPattern(text: string, operator: string): RegExp {
  const parts = text.match(/'.|[^']/gs) ?? []
  const source = parts.map((part) => {
    if (part.length === 2 && part.startsWith("'")) return escapeRegExp(part[1]!)
    if (operator === 'matches' && part === '*') return '.*'
    if (operator === 'matches' && part === '?') return '.'
    return escapeRegExp(part)
  })
  return new RegExp(`^${source.join('')}$`, 's')
}

/** Returns the comparisons of an expression of language version 1, or undefined if it is not valid. */
export function parseExpression(value: string): Comparison[] | undefined {
  const comparisons: Comparison[] = []
  for (let rest = value; ; ) {
    const [matched, claim, operator, text] = comparison.exec(rest) ?? []
    if (matched === undefined) return undefined
    comparisons.push({
      claim: claim!,
      operator: operator as Comparison['operator'],
      pattern: toPattern(text!, operator!),
      text: text!,
    })
    rest = rest.slice(matched.length)
    if (rest === '') return comparisons
    if (!rest.startsWith(' and ')) return undefined
    rest = rest.slice(' and '.length)
  }
}

/** True if the claims of a token satisfy every comparison. Letter case counts. */
export const satisfies = (value: string, claims: Record<string, unknown>): boolean =>
  parseExpression(value)?.every(({ claim, pattern }) => {
    const actual = claims[claim]
    return typeof actual === 'string' && pattern.test(actual)
  }) ?? false
