import type { Call, Reply } from '../http.ts'
import { badParameter } from './errors.ts'
import type { Vault } from './vaults.ts'

const most = 25

/** Answers one page of a list. Throws 400 on a page size outside 1–25. */
export function page(call: Call, vault: Vault, path: string, all: unknown[]): Reply {
  const asked = call.query('maxresults')
  const size = asked === undefined ? most : Number(asked)
  if (!Number.isInteger(size) || size < 1 || size > most)
    throw badParameter(`maxresults must be between 1 and ${most}`)
  const from = Number(Buffer.from(call.query('$skiptoken') ?? '', 'base64url').toString() || '0') || 0
  const next = from + size
  const token = Buffer.from(`${next}`).toString('base64url')
  const version = encodeURIComponent(call.query('api-version') ?? '')
  return {
    status: 200,
    body: {
      value: all.slice(from, next),
      nextLink:
        next < all.length
          ? `${vault.address}/${path}?api-version=${version}&$skiptoken=${token}&maxresults=${size}`
          : null,
    },
  }
}
