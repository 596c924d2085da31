import type { Reply } from '../../http.ts'
import { enumeration, xmlReply } from '../enumeration.ts'
import { httpDate } from '../headers.ts'
import { pageOf } from '../paging.ts'
import type { StorageRequest } from '../request.ts'
import type { Blob, Container } from '../state.ts'
import { element, type Xml } from '../xml.ts'
import { requireContainer } from './containers.ts'

export const sortedBlobs = ({ blobs }: Container, prefix: string): Blob[] =>
  blobs.filter(({ name }) => name.startsWith(prefix)).sort((a, b) => (a.name < b.name ? -1 : 1))

const properties = (blob: Blob): Xml =>
  element('Properties', [
    element('Creation-Time', httpDate(blob.createdAt)),
    element('Last-Modified', httpDate(blob.changedAt)),
    element('Etag', blob.etag),
    element('Content-Length', Buffer.from(blob.content, 'base64').length),
    element('Content-Type', blob.contentType),
    element('Content-Encoding', blob.contentEncoding),
    element('Content-Language', blob.contentLanguage),
    element('Content-CRC64'),
    element('Content-MD5', blob.contentMd5),
    element('Cache-Control', blob.cacheControl),
    element('Content-Disposition', blob.contentDisposition),
    element('BlobType', 'BlockBlob'),
    element('AccessTier', 'Hot'),
    element('AccessTierInferred', true),
    element('LeaseStatus', 'unlocked'),
    element('LeaseState', 'available'),
    element('ServerEncrypted', true),
  ])

/** A blob, or the common prefix of blobs up to the delimiter. */
type Entry = { name: string; blob?: Blob }

function entriesOf(blobs: Blob[], prefix: string, delimiter: string | undefined): Entry[] {
  if (!delimiter) return blobs.map((blob) => ({ name: blob.name, blob }))
  const entries = new Map<string, Entry>()
  for (const blob of blobs) {
    const at = blob.name.indexOf(delimiter, prefix.length)
    const name = at < 0 ? blob.name : blob.name.slice(0, at + delimiter.length)
    entries.set(name, at < 0 ? { name, blob } : { name })
  }
  return [...entries.values()]
}

export function listBlobs(request: StorageRequest): Reply {
  const { call } = request
  const prefix = call.query('prefix') ?? ''
  const withMetadata = call.query('include')?.includes('metadata')
  const blobs = sortedBlobs(requireContainer(request), prefix)
  const { page, nextMarker } = pageOf(
    call,
    entriesOf(blobs, prefix, call.query('delimiter')),
    ({ name }) => name,
  )
  const items = page.map(({ name, blob }) =>
    blob
      ? element('Blob', [
          element('Name', name),
          properties(blob),
          ...(withMetadata
            ? [
                element(
                  'Metadata',
                  Object.entries(blob.metadata).map(([key, value]) => element(key, value)),
                ),
              ]
            : []),
          element('OrMetadata'),
        ])
      : element('BlobPrefix', [element('Name', name)]),
  )
  return xmlReply(enumeration(request, 'blob', element('Blobs', items), nextMarker))
}
