import { GraphError } from './errors.ts'
import type { Filter, Literal } from './filter.ts'

const tokenPattern =
  /\s*('(?:[^']|'')*'|[(),:]|-?\d[\w:.+-]*|[A-Za-z_$@][\w$@.-]*(?:\/[A-Za-z_$@][\w$@.-]*)*)/y
const functions = ['startswith', 'endswith', 'contains']
const operators = ['eq', 'ne', 'ge', 'le', 'gt', 'lt']

const invalidFilter = (why: string) => new GraphError(400, 'BadRequest', `Invalid filter clause: ${why}`)

function tokenize(text: string): string[] {
  const tokens: string[] = []
  tokenPattern.lastIndex = 0
  while (tokenPattern.lastIndex < text.trimEnd().length) {
    const position = tokenPattern.lastIndex
    const match = tokenPattern.exec(text)
    if (!match) throw invalidFilter(`Syntax error at position ${position} in '${text}'.`)
    tokens.push(match[1]!)
  }
  return tokens
}

interface TokenReader {
  peek(): string | undefined
  next(): string
  expect(token: string): void
  literal(): Literal
  syntaxError(): GraphError
  isAtEnd(): boolean
}

function tokenReader(text: string): TokenReader {
  const tokens = tokenize(text)
  const syntaxError = () => invalidFilter(`Syntax error in '${text}'.`)
  const next = () => {
    const token = tokens.shift()
    if (token === undefined) throw syntaxError()
    return token
  }
  return {
    peek: () => tokens[0],
    next,
    expect(token) {
      if (next() !== token) throw syntaxError()
    },
    literal() {
      const token = next()
      if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'")
      if (token === 'true' || token === 'false') return token === 'true'
      if (token === 'null') return null
      return /^-?\d+(\.\d+)?$/.test(token) ? Number(token) : token
    },
    syntaxError,
    isAtEnd: () => tokens.length === 0,
  }
}

/** Parses a `$filter` expression. Throws 400 `BadRequest` for a syntax error. */
export function parseFilter(text: string): Filter {
  const reader = tokenReader(text)
  const filter = parseOr(reader)
  if (!reader.isAtEnd()) throw reader.syntaxError()
  return filter
}

// `element` is the name of the element inside `any`.
function parseOr(reader: TokenReader, element?: string): Filter {
  let left = parseAnd(reader, element)
  while (reader.peek() === 'or') {
    reader.next()
    left = { kind: 'or', left, right: parseAnd(reader, element) }
  }
  return left
}

function parseAnd(reader: TokenReader, element?: string): Filter {
  let left = parseTerm(reader, element)
  while (reader.peek() === 'and') {
    reader.next()
    left = { kind: 'and', left, right: parseTerm(reader, element) }
  }
  return left
}

function parseTerm(reader: TokenReader, element?: string): Filter {
  const token = reader.next()
  if (token === '(') {
    const inner = parseOr(reader, element)
    reader.expect(')')
    return inner
  }
  if (token === 'not') return { kind: 'not', operand: parseTerm(reader, element) }
  if (reader.peek() !== '(') return parseComparison(reader, relativePath(reader, token, element))
  reader.next()
  if (functions.includes(token.toLowerCase())) {
    const path = relativePath(reader, reader.next(), element)
    reader.expect(',')
    const value = reader.literal()
    reader.expect(')')
    return { kind: 'compare', path, operator: token.toLowerCase(), values: [value] }
  }
  if (!token.endsWith('/any')) throw reader.syntaxError()
  return parseAny(reader, relativePath(reader, token.slice(0, -'/any'.length), element))
}

function parseAny(reader: TokenReader, path: string): Filter {
  if (reader.peek() === ')') {
    reader.next()
    return { kind: 'any', path, condition: undefined }
  }
  const element = reader.next()
  reader.expect(':')
  const condition = parseOr(reader, element)
  reader.expect(')')
  return { kind: 'any', path, condition }
}

function parseComparison(reader: TokenReader, path: string): Filter {
  const operator = reader.next()
  if (operator === 'in') {
    reader.expect('(')
    const values = [reader.literal()]
    while (reader.peek() === ',') {
      reader.next()
      values.push(reader.literal())
    }
    reader.expect(')')
    return { kind: 'compare', path, operator, values }
  }
  if (!operators.includes(operator)) throw reader.syntaxError()
  return { kind: 'compare', path, operator, values: [reader.literal()] }
}

function relativePath(reader: TokenReader, path: string, element?: string): string {
  if (element === undefined) return path
  if (path === element) return ''
  if (!path.startsWith(`${element}/`)) throw reader.syntaxError()
  return path.slice(element.length + 1)
}
