import { ActionRequiredError } from '../../../base/action-required.ts'
import { instruction, kubectl } from '../../../base/command.ts'
import type { PublicKey } from '../../../clients/kubernetes.ts'
import type { WebFile } from '../../../clients/websites.ts'
import {
  discoveryPath,
  discoveryText,
  keySetPath,
  keySetText,
  parseIssuer,
  parseKeys,
  unusableKeys,
} from '../../../issuers/documents.ts'
import type { Destination } from './destination.ts'

export interface DocumentChange {
  path: string
  action: 'create' | 'change' | 'keep'
  file: WebFile
}

export interface KeyChanges {
  documents: readonly DocumentChange[]
  kept: readonly string[]
  added: readonly string[]
  removed: readonly string[]
}

/** `publish` expects that nothing is lost; `rotate` keeps or removes the other keys. */
export type KeyMode = 'publish' | 'keep-old' | 'remove-old'

/** Entra caches keys itself; a new key must not wait for other caches. */
const headers = { contentType: 'application/json', cacheControl: 'public, max-age=300' }

/** Compares what is published with what should be. Throws before anything is written if that would lose something. */
export async function planDocuments(
  destination: Destination,
  { keys, newKey, mode }: { keys: readonly PublicKey[]; newKey: PublicKey | undefined; mode: KeyMode },
): Promise<KeyChanges> {
  const { issuer, title } = destination
  requireUsable(keys)
  const [discovery, keySet] = await Promise.all([
    destination.read(discoveryPath),
    destination.read(keySetPath),
  ])
  const named = discovery && parseIssuer(discovery.text)
  if (named !== undefined && named !== issuer)
    throw new ActionRequiredError(
      `The discovery document ${title} belongs to another issuer: ${named}, not ${issuer}`,
      'Publish at another place: pass --url with a path of its own, or another folder or storage account',
    )
  const published = (keySet && parseKeys(keySet.text)) ?? []
  if (mode !== 'publish' && discovery === undefined)
    throw new ActionRequiredError(`No documents are published ${title}`, 'Run wi-setup issuer publish first')
  const known = [...keys, ...(newKey ? [newKey] : [])]
  const others = published.filter(({ kid }) => !known.some((key) => key.kid === kid))
  if (mode === 'publish' && others.length)
    throw new ActionRequiredError(
      `The key set ${title} has keys that the cluster doesn't have: ${others.map(({ kid }) => kid).join(', ')}`,
      "Run wi-setup issuer rotate to keep them, or with --remove-old to remove them. If they are another cluster's, publish at another place",
    )
  const wanted = mode === 'keep-old' ? [...unique(known), ...others] : unique(known)
  const wasPublished = ({ kid }: PublicKey) => published.some((key) => key.kid === kid)
  const ids = (list: readonly PublicKey[]) => list.map(({ kid }) => kid)
  return {
    documents: [
      // Whoever reads the first document finds the keys.
      changeOf(keySetPath, keySet, keySetText(wanted)),
      changeOf(discoveryPath, discovery, discoveryText(issuer)),
    ],
    kept: ids(wanted.filter(wasPublished)),
    added: ids(wanted.filter((key) => !wasPublished(key))),
    removed: mode === 'remove-old' ? ids(others) : [],
  }
}

const unique = (keys: readonly PublicKey[]) => [...new Map(keys.map((key) => [key.kid, key])).values()]

function requireUsable(keys: readonly PublicKey[]): void {
  const unusable = unusableKeys(keys)
  if (keys.length === 0 || unusable.length === keys.length)
    throw new ActionRequiredError(
      `The cluster has no RSA signing key, and Entra accepts only RS256: ${unusable.join(', ') || '(no keys)'}`,
      'Start the API server with an RSA --service-account-signing-key-file',
    )
}

function changeOf(path: string, found: WebFile | undefined, text: string): DocumentChange {
  const isSame = found && found.text === text && hasHeaders(found)
  return { path, action: isSame ? 'keep' : found ? 'change' : 'create', file: { text, ...headers } }
}

/** A folder has no headers. */
const hasHeaders = ({ contentType, cacheControl }: WebFile) =>
  (contentType === '' && cacheControl === '') ||
  (contentType === headers.contentType && cacheControl === headers.cacheControl)

/** Throws the error about a caller who may not read the cluster's documents. */
export function requireRead<T>(read: T | undefined, path: string): T {
  if (read !== undefined) return read
  throw new ActionRequiredError(
    `The API server doesn't show ${path} to you`,
    instruction`Bind the ClusterRole system:service-account-issuer-discovery to your user, and see what ${kubectl(['get'], { raw: path })} prints`,
  )
}
