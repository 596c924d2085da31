import { UsageError } from '../../../base/usage-error.ts'
import { type FlagTarget, flagTargets } from '../../../issuers/api-server-flags.ts'
import { isPrivateIssuer } from '../../../issuers/private-issuer.ts'

/** The flags of `issuer publish` and `issuer rotate`, unchecked. */
export interface IssuerFlags {
  storageAccount?: string
  to?: string
  url?: string
  for?: string
  create?: boolean
  publicKey?: string
  removeOld?: boolean
}

export interface AccountPlace {
  kind: 'account'
  name: string
  url: string | undefined
}
export type Place = AccountPlace | { kind: 'folder'; path: string; url: string }

const quoted = (value: string) => JSON.stringify(value)

/** Returns where to publish. Throws a `UsageError` for flags that are missing, wrong or contradict each other. */
export function placeOf({ storageAccount, to, url, create }: IssuerFlags): Place {
  if ((storageAccount === undefined) === (to === undefined))
    throw new UsageError('Pass either --storage-account or --to: where to publish the documents')
  if (url !== undefined) requireIssuerUrl(url)
  if (storageAccount !== undefined) {
    if (!/^[a-z0-9]{3,24}$/.test(storageAccount))
      throw new UsageError(
        `--storage-account ${quoted(storageAccount)} must have 3 to 24 lower-case letters and digits`,
      )
    return { kind: 'account', name: storageAccount, url }
  }
  if (create) throw new UsageError("--create is for --storage-account; it can't be combined with --to")
  if (url === undefined)
    throw new UsageError(
      '--to needs --url: the address at which the folder will be public, for example https://oidc.example.com',
    )
  return { kind: 'folder', path: to!, url }
}

function requireIssuerUrl(url: string): void {
  const fault = (why: string) => new UsageError(`--url ${quoted(url)} ${why}`)
  if (!URL.canParse(url)) throw fault('is not a URL; for example https://oidc.example.com/shop')
  const { protocol, search, hash, username, pathname } = new URL(url)
  if (protocol !== 'https:') throw fault('must start with https://, or Entra does not read it')
  if (search || hash || username || url.includes('?') || url.includes('#'))
    throw fault('must not have a query, a fragment or a user name')
  if (/\/\/|\/\.{1,2}(\/|$)|%/.test(pathname))
    throw fault('has an empty, relative or encoded part in its path')
  if (isPrivateIssuer(url)) throw fault('is an address of a private network, which Entra can not read')
}

/** Returns the value of --for. Throws a `UsageError` for an unknown one. */
export function flagTargetOf(value: string | undefined): FlagTarget | undefined {
  const known = flagTargets.find((each) => each === value)
  if (value !== undefined && known === undefined)
    throw new UsageError(`--for ${quoted(value)} must be one of ${flagTargets.join(', ')}`)
  return known
}
