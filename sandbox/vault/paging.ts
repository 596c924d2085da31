import type { Call, Reply } from '../http.ts'
import { badParameter } from './errors.ts'
import type { Vault } from './vaults.ts'

const maxPageSize = 25

/** Returns one page of a list. Throws 400 for an invalid page size. */
export function listReply(call: Call, vault: Vault, path: string, items: unknown[]): Reply {
  const maxResults = call.query('maxresults')
  const size = maxResults === undefined ? maxPageSize : Number(maxResults)
  if (!Number.isInteger(size) || size < 1 || size > maxPageSize)
    throw badParameter(`maxresults must be between 1 and ${maxPageSize}`)
  const start = Number(Buffer.from(call.query('$skiptoken') ?? '', 'base64url').toString() || '0') || 0
  const end = start + size
  const token = Buffer.from(`${end}`).toString('base64url')
  const version = encodeURIComponent(call.query('api-version') ?? '')
  return {
    status: 200,
    body: {
      value: items.slice(start, end),
      nextLink:
        end < items.length
          ? `${vault.address}/${path}?api-version=${version}&$skiptoken=${token}&maxresults=${size}`
          : null,
    },
  }
}
