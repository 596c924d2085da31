import { ownProperty } from '../../own-property.ts'
import { StorageError } from '../errors.ts'

type Value = string | number | boolean

const term = /^\(?\s*(\w+)\s+(eq|ne|gt|ge|lt|le)\s+('(?:[^']|'')*'|-?\d+(?:\.\d+)?L?|true|false)\s*\)?$/i

const parseLiteral = (literal: string): Value => {
  if (literal.startsWith("'")) return literal.slice(1, -1).replaceAll("''", "'")
  if (/^(true|false)$/i.test(literal)) return literal.toLowerCase() === 'true'
  return Number(literal.replace(/L$/i, ''))
}

const compare: Record<string, (a: Value, b: Value) => boolean> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
}

/** Returns a predicate for a `$filter` of comparisons joined by `and`. Throws 501 for others. */
export function filterOf(filter: string): (entity: Record<string, unknown>) => boolean {
  const tests = filter.split(/\s+and\s+(?=(?:[^']*'[^']*')*[^']*$)/i).map((part) => {
    const [, name, operator, literal] = term.exec(part.trim()) ?? []
    if (name === undefined)
      throw new StorageError(
        501,
        'NotImplemented',
        `The requested operation is not implemented on the specified resource. (The sandbox knows comparisons joined by 'and', not: ${part})`,
      )
    const wanted = parseLiteral(literal!)
    return (entity: Record<string, unknown>) => {
      const value = ownProperty(entity, name)
      return value !== undefined && compare[operator!.toLowerCase()]!(value as Value, wanted)
    }
  })
  return (entity) => tests.every((matches) => matches(entity))
}
