import { GraphError } from './errors.ts'

type Literal = string | number | boolean | null

/** A parsed `$filter`. Inside `any`, paths are relative to the element; the element itself is ''. */
export type Filter =
  | { kind: 'and'; left: Filter; right: Filter }
  | { kind: 'or'; left: Filter; right: Filter }
  | { kind: 'not'; of: Filter }
  | { kind: 'compare'; path: string; op: string; values: Literal[] }
  | { kind: 'any'; path: string; of: Filter | undefined }

const tokens = /\s*('(?:[^']|'')*'|[(),:]|-?\d[\w:.+-]*|[A-Za-z_$@][\w$@.-]*(?:\/[A-Za-z_$@][\w$@.-]*)*)/y
const functions = ['startswith', 'endswith', 'contains']
const operators = ['eq', 'ne', 'ge', 'le', 'gt', 'lt']

const invalid = (why: string) => new GraphError(400, 'BadRequest', `Invalid filter clause: ${why}`)

function split(text: string): string[] {
  const found: string[] = []
  tokens.lastIndex = 0
  while (tokens.lastIndex < text.trimEnd().length) {
    const at = tokens.lastIndex
    const match = tokens.exec(text)
    if (!match) throw invalid(`Syntax error at position ${at} in '${text}'.`)
    found.push(match[1]!)
  }
  return found
}

/** Parses a `$filter` expression. Throws 400 `BadRequest` for a syntax error. */
export function parseFilter(text: string): Filter {
  const rest = split(text)
  const wrong = () => invalid(`Syntax error in '${text}'.`)
  const next = () => {
    const token = rest.shift()
    if (token === undefined) throw wrong()
    return token
  }
  const expect = (wanted: string) => {
    if (next() !== wanted) throw wrong()
  }
  const literal = (): Literal => {
    const token = next()
    if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'")
    if (token === 'true' || token === 'false') return token === 'true'
    if (token === 'null') return null
    return /^-?\d+(\.\d+)?$/.test(token) ? Number(token) : token
  }
  const relative = (path: string, element?: string) => {
    if (element === undefined) return path
    if (path === element) return ''
    if (!path.startsWith(`${element}/`)) throw wrong()
    return path.slice(element.length + 1)
  }

  const either = (element?: string): Filter => {
    let left = both(element)
    while (rest[0] === 'or') {
      next()
      left = { kind: 'or', left, right: both(element) }
    }
    return left
  }
  const both = (element?: string): Filter => {
    let left = one(element)
    while (rest[0] === 'and') {
      next()
      left = { kind: 'and', left, right: one(element) }
    }
    return left
  }
  const one = (element?: string): Filter => {
    const token = next()
    if (token === '(') {
      const inner = either(element)
      expect(')')
      return inner
    }
    if (token === 'not') return { kind: 'not', of: one(element) }
    if (rest.at(0) !== '(') return comparison(relative(token, element))
    next()
    if (functions.includes(token.toLowerCase())) {
      const path = relative(next(), element)
      expect(',')
      const value = literal()
      expect(')')
      return { kind: 'compare', path, op: token.toLowerCase(), values: [value] }
    }
    if (!token.endsWith('/any')) throw wrong()
    const path = relative(token.slice(0, -'/any'.length), element)
    if (rest.at(0) === ')') {
      next()
      return { kind: 'any', path, of: undefined }
    }
    const name = next()
    expect(':')
    const of = either(name)
    expect(')')
    return { kind: 'any', path, of }
  }
  const comparison = (path: string): Filter => {
    const op = next()
    if (op === 'in') {
      expect('(')
      const values = [literal()]
      while (rest[0] === ',') {
        next()
        values.push(literal())
      }
      expect(')')
      return { kind: 'compare', path, op, values }
    }
    if (!operators.includes(op)) throw wrong()
    return { kind: 'compare', path, op, values: [literal()] }
  }

  const filter = either()
  if (rest.length > 0) throw wrong()
  return filter
}

const at = (row: unknown, path: string): unknown =>
  path === ''
    ? row
    : path.split('/').reduce<unknown>((value, name) => (value as Record<string, unknown> | null)?.[name], row)

const fold = (value: unknown) => (typeof value === 'string' ? value.toLowerCase() : (value ?? null))

const order = (a: unknown, b: unknown): number => {
  const [x, y] = [a, b].map((value) => Date.parse(String(value)))
  if (!Number.isNaN(x) && !Number.isNaN(y)) return x! - y!
  return String(fold(a)).localeCompare(String(fold(b)))
}

function compare(op: string, found: unknown, values: Literal[]): boolean {
  const [text, wanted] = [fold(found), fold(values[0])]
  switch (op) {
    case 'eq':
      return text === wanted
    case 'ne':
      return text !== wanted
    case 'in':
      return values.some((value) => fold(value) === text)
    case 'startswith':
      return typeof text === 'string' && text.startsWith(String(wanted))
    case 'endswith':
      return typeof text === 'string' && text.endsWith(String(wanted))
    case 'ge':
      return found != null && order(found, values[0]) >= 0
    case 'le':
      return found != null && order(found, values[0]) <= 0
    case 'gt':
      return found != null && order(found, values[0]) > 0
    case 'lt':
      return found != null && order(found, values[0]) < 0
    default:
      return false
  }
}

/** True if the row matches. Text is compared without case, as the directory does. */
export function matchesFilter(filter: Filter, row: unknown): boolean {
  switch (filter.kind) {
    case 'and':
      return matchesFilter(filter.left, row) && matchesFilter(filter.right, row)
    case 'or':
      return matchesFilter(filter.left, row) || matchesFilter(filter.right, row)
    case 'not':
      return !matchesFilter(filter.of, row)
    case 'any': {
      const elements = at(row, filter.path)
      const { of } = filter
      return Array.isArray(elements) && elements.some((each) => of === undefined || matchesFilter(of, each))
    }
    case 'compare':
      return compare(filter.op, at(row, filter.path), filter.values)
  }
}
