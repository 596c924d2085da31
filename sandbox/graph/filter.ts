export type Literal = string | number | boolean | null

/** A parsed `$filter`. Inside `any`, paths are relative to the element; the element itself is ''. */
export type Filter =
  | { kind: 'and'; left: Filter; right: Filter }
  | { kind: 'or'; left: Filter; right: Filter }
  | { kind: 'not'; operand: Filter }
  | { kind: 'compare'; path: string; operator: string; values: Literal[] }
  | { kind: 'any'; path: string; condition: Filter | undefined }

const valueAt = (row: unknown, path: string): unknown =>
  path === ''
    ? row
    : path.split('/').reduce<unknown>((value, name) => (value as Record<string, unknown> | null)?.[name], row)

const foldCase = (value: unknown) => (typeof value === 'string' ? value.toLowerCase() : (value ?? null))

const compareValues = (a: unknown, b: unknown): number => {
  const [x, y] = [a, b].map((value) => Date.parse(String(value)))
  if (!Number.isNaN(x) && !Number.isNaN(y)) return x! - y!
  return String(foldCase(a)).localeCompare(String(foldCase(b)))
}

function compare(operator: string, found: unknown, values: Literal[]): boolean {
  const [text, wanted] = [foldCase(found), foldCase(values[0])]
  switch (operator) {
    case 'eq':
      return text === wanted
    case 'ne':
      return text !== wanted
    case 'in':
      return values.some((value) => foldCase(value) === text)
    case 'startswith':
      return typeof text === 'string' && text.startsWith(String(wanted))
    case 'endswith':
      return typeof text === 'string' && text.endsWith(String(wanted))
    case 'ge':
      return found != null && compareValues(found, values[0]) >= 0
    case 'le':
      return found != null && compareValues(found, values[0]) <= 0
    case 'gt':
      return found != null && compareValues(found, values[0]) > 0
    case 'lt':
      return found != null && compareValues(found, values[0]) < 0
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
      return !matchesFilter(filter.operand, row)
    case 'any': {
      const elements = valueAt(row, filter.path)
      const { condition } = filter
      return (
        Array.isArray(elements) &&
        elements.some((each) => condition === undefined || matchesFilter(condition, each))
      )
    }
    case 'compare':
      return compare(filter.operator, valueAt(row, filter.path), filter.values)
  }
}
