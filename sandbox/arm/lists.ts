import { ArmError } from './errors.ts'
import type { ArmRequest } from './request.ts'

const pageSize = 100

/** Returns one page of a list with the URL of the next. `$top` limits the page size. */
export function listBody({ call }: ArmRequest, items: unknown[]): { value: unknown[]; nextLink?: string } {
  const token = call.query('$skiptoken')
  const from = token ? Number(Buffer.from(token, 'base64url').toString()) : 0
  const top = call.query('$top')
  if (!Number.isInteger(from) || from < 0)
    throw new ArmError(400, 'InvalidSkipToken', 'The provided skiptoken is invalid.', { by: 'gateway' })
  if (top !== undefined && !/^[1-9]\d*$/.test(top))
    throw new ArmError(400, 'InvalidTopQueryString', `The $top value '${top}' is not valid.`, {
      by: 'gateway',
    })
  const to = from + Math.min(pageSize, Number(top ?? pageSize))
  const value = items.slice(from, to)
  if (to >= items.length) return { value }
  const next = new URL(call.url)
  for (const key of [...next.searchParams.keys()])
    if (key.toLowerCase() === '$skiptoken') next.searchParams.delete(key)
  next.searchParams.set('$skiptoken', Buffer.from(String(to)).toString('base64url'))
  return { value, nextLink: next.href }
}

export const invalidFilter = (filter: string) =>
  new ArmError(
    400,
    'InvalidFilterInQueryString',
    `Invalid $filter '${filter}' specified in the query string.`,
    {
      by: 'gateway',
    },
  )

const term = /^\s*\(?\s*([\w/]+)\s+(eq|ne)\s+'((?:[^']|'')*)'\s*\)?\s*$/i

/** Parses `a eq 'x' and b ne 'y'`. Throws 400 for other filters. */
export function parseFilter(filter: string | undefined): { name: string; equal: boolean; value: string }[] {
  if (!filter?.trim()) return []
  return filter.split(/\s+and\s+(?=(?:[^']*'[^']*')*[^']*$)/i).map((part) => {
    const [, name, operator, value] = term.exec(part) ?? []
    if (name === undefined) throw invalidFilter(filter)
    return {
      name: name.toLowerCase(),
      equal: operator!.toLowerCase() === 'eq',
      value: value!.replaceAll("''", "'"),
    }
  })
}
