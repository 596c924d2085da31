/**
 * The attributes of a request that conditions compare, such as
 * `Microsoft.ContainerRegistry/registries/repositories:name`. With `any`, every comparison is true: the question is
 * whether the action is allowed on anything.
 */
export type Attributes = Readonly<Record<string, string>> | 'any'

type Matches = (pattern: string, action: string) => boolean

const token =
  /\s*(?:(&&|\|\||!|\(|\))|(AND|OR|NOT)\b|ActionMatches\s*\{\s*'([^']*)'\s*\}|SubOperationMatches\s*\{\s*'([^']*)'\s*\}|@(?:Request|Resource|Principal|Environment)\[([^\]]+)\]\s*(\w+)\s*'([^']*)')\s*/iy

const comparisons: Record<string, (actual: string, wanted: string) => boolean> = {
  stringequals: (a, b) => a === b,
  stringequalsignorecase: (a, b) => a.toLowerCase() === b.toLowerCase(),
  stringstartswith: (a, b) => a.startsWith(b),
  stringstartswithignorecase: (a, b) => a.toLowerCase().startsWith(b.toLowerCase()),
  stringlike: (a, b) => like(a, b),
  stringlikeignorecase: (a, b) => like(a.toLowerCase(), b.toLowerCase()),
}

const like = (text: string, pattern: string) =>
  new RegExp(
    `^${pattern
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
  ).test(text)

const operators: Record<string, string> = { and: '&&', or: '||', not: '!' }

class UnknownExpression extends Error {}

/** Splits a condition into operators and the values of its terms. Throws `UnknownExpression`. */
function tokenize(condition: string, action: string, matches: Matches, attributes: Attributes) {
  const tokens: (string | boolean)[] = []
  token.lastIndex = 0
  while (token.lastIndex < condition.length) {
    const match = token.exec(condition)
    if (!match) throw new UnknownExpression()
    const [, symbol, word, named, , attribute, comparison, wanted] = match
    if (symbol) tokens.push(symbol)
    else if (word) tokens.push(operators[word.toLowerCase()]!)
    else if (named !== undefined) tokens.push(matches(named, action))
    else if (attribute === undefined) tokens.push(false)
    else tokens.push(compare(attribute, comparison!, wanted!, attributes))
  }
  return tokens
}

function compare(attribute: string, comparison: string, wanted: string, attributes: Attributes): boolean {
  const compareTexts = comparisons[comparison.toLowerCase()]
  if (!compareTexts) throw new UnknownExpression()
  if (attributes === 'any') return true
  const found = Object.entries(attributes).find(([name]) => name.toLowerCase() === attribute.toLowerCase())
  return found !== undefined && compareTexts(found[1], wanted)
}

/** Evaluates tokens by the precedence of `!`, `&&`, `||`. Throws `UnknownExpression`. */
function evaluate(tokens: (string | boolean)[]): boolean {
  let at = 0
  const chain = (operator: string, next: () => boolean, combine: (a: boolean, b: boolean) => boolean) => {
    let value = next()
    while (tokens[at] === operator) {
      at++
      value = combine(value, next())
    }
    return value
  }
  const term = (): boolean => {
    const current = tokens[at++]
    if (typeof current === 'boolean') return current
    if (current === '!') return !term()
    if (current !== '(') throw new UnknownExpression()
    const value = disjunction()
    if (tokens[at++] !== ')') throw new UnknownExpression()
    return value
  }
  const conjunction = () => chain('&&', term, (a, b) => a && b)
  const disjunction = (): boolean => chain('||', conjunction, (a, b) => a || b)
  const value = disjunction()
  if (at < tokens.length) throw new UnknownExpression()
  return value
}

/** Returns whether a role assignment's condition permits the action. One that can't be evaluated permits nothing. */
export function permitsAction(
  condition: unknown,
  action: string,
  matches: Matches,
  attributes: Attributes = {},
): boolean {
  if (typeof condition !== 'string' || condition.trim() === '') return true
  try {
    return evaluate(tokenize(condition.trim(), action, matches, attributes))
  } catch (error) {
    if (error instanceof UnknownExpression) return false
    throw error
  }
}
