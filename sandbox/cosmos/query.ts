import { badRequest } from './errors.ts'
import type { Item } from './state.ts'

interface QueryBody {
  query?: string
  parameters?: { name: string; value: unknown }[]
}

const select =
  /^\s*select\s+(?:top\s+(\d+)\s+)?(?:\*|value\s+(\w+))\s+from\s+(\w+)(?:\s+where\s+(.+?))?\s*$/is
const condition =
  /^\s*(\w+)((?:\.\w+|\["[^"]+"\])+)\s*=\s*(?:(@\w+)|'([^']*)'|"([^"]*)"|(-?\d+(?:\.\d+)?)|(true|false))\s*$/i

const unsupported = (query: string) =>
  badRequest(
    `The sandbox understands only SELECT * FROM c, with TOP and with WHERE that compares properties for equality: ${query.slice(0, 200)}`,
  )

/** Returns the items that a query selects. Throws 400 for anything but `SELECT *` with conditions of equality. */
export function matchingItems({ query = '', parameters = [] }: QueryBody, items: Item[]): Item[] {
  const [matched, top, value, alias, where] = select.exec(query) ?? []
  if (!matched || (value !== undefined && value !== alias)) throw unsupported(query)
  const conditions = (where?.split(/\s+and\s+/i) ?? []).map((text) => {
    const [known, name, path = '', parameter, single, double, number, boolean] = condition.exec(text) ?? []
    if (!known || name !== alias) throw unsupported(query)
    const names = [...path.matchAll(/\.(\w+)|\["([^"]+)"\]/g)].map(([, dotted, quoted]) => dotted ?? quoted!)
    const wanted = parameter
      ? parameters.find((each) => each.name === parameter)?.value
      : (single ?? double ?? (number === undefined ? boolean?.toLowerCase() === 'true' : Number(number)))
    return { names, wanted }
  })
  const found = items.filter((item) =>
    conditions.every(
      ({ names, wanted }) =>
        names.reduce<unknown>(
          (inner, name) => (inner as Record<string, unknown> | undefined)?.[name],
          item,
        ) === wanted,
    ),
  )
  return found.slice(0, top === undefined ? undefined : Number(top))
}

/** The plan of every query that `matchingItems` understands: the same query, on the only range. */
export const queryPlan = {
  partitionedQueryExecutionInfoVersion: 2,
  queryInfo: {
    distinctType: 'None',
    top: null,
    offset: null,
    limit: null,
    orderBy: [],
    orderByExpressions: [],
    groupByExpressions: [],
    groupByAliases: [],
    aggregates: [],
    groupByAliasToAggregateType: {},
    rewrittenQuery: '',
    hasSelectValue: false,
    dCountInfo: null,
    hasNonStreamingOrderBy: false,
  },
  queryRanges: [{ min: '', max: 'FF', isMinInclusive: true, isMaxInclusive: false }],
}
