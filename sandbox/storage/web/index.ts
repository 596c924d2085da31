import type { Call, Reply } from '../../http.ts'
import type { StorageAccount } from '../accounts.ts'
import { requireNetwork } from '../authorization.ts'
import { findBlob } from '../blob/blobs.ts'
import { contentHeaders, notModified } from '../blob/content.ts'
import { findCollection } from '../collections.ts'
import { websiteError } from '../error-bodies.ts'
import { StorageError } from '../errors.ts'
import { versionHeaders } from '../headers.ts'
import { storageService } from '../service.ts'
import type { Blob, Container } from '../state.ts'

const contentNotFound = () =>
  new StorageError(404, 'WebContentNotFound', 'The requested content does not exist.')

const decode = (text: string) => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Returns the blob at a path. A folder has the index document. */
function blobAt(container: Container, path: string, indexDocument: string | undefined): Blob | undefined {
  const isFolder = path === '' || path.endsWith('/')
  return findBlob(container, isFolder && indexDocument ? `${path}${indexDocument}` : path)
}

const contentReply = (status: number, blob: Blob): Reply => ({
  status,
  headers: contentHeaders(blob),
  body: Buffer.from(blob.content, 'base64'),
})

/** Serves a blob of `$web` to anyone; the access of the container makes no difference. */
function serve(call: Call, account: StorageAccount): Reply {
  requireNetwork(account, call.clientAddress)
  if (call.method !== 'GET' && call.method !== 'HEAD')
    throw new StorageError(405, 'UnsupportedHttpVerb', "The resource doesn't support specified Http Verb.")
  const { website, containers } = account.data
  const web = findCollection(containers, '$web')
  if (!website.enabled || !web) throw contentNotFound()
  const blob = blobAt(web, decode(call.url.pathname.slice(1)), website.indexDocument)
  if (blob && notModified(call, blob)) return { status: 304, headers: versionHeaders(blob) }
  if (blob) return contentReply(200, blob)
  const errorDocument = website.errorDocument404Path && findBlob(web, website.errorDocument404Path)
  if (errorDocument) return contentReply(404, errorDocument)
  throw contentNotFound()
}

/** Static websites. */
export const webService = storageService({
  name: 'web',
  server: 'Windows-Azure-Web/1.0',
  noun: 'Container',
  answer: async (call, _, account) => serve(call, account),
  errorBody: websiteError,
})
