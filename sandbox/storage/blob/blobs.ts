import { createHash } from 'node:crypto'
import type { Call, Reply } from '../../http.ts'
import { blobNotFound, invalidHeader, missingHeader, StorageError } from '../errors.ts'
import { newEtag } from '../etag.ts'
import { headerOf, metadataOf, versionHeaders } from '../headers.ts'
import type { StorageRequest } from '../request.ts'
import type { Blob, Container } from '../state.ts'
import { requireContainer } from './containers.ts'

export const findBlob = ({ blobs }: Container, name: string): Blob | undefined =>
  blobs.find((blob) => blob.name === name)

/** Returns the blob of the request. Throws 404. */
export function requireBlob(request: StorageRequest): Blob {
  const blob = findBlob(requireContainer(request), request.item)
  if (!blob) throw blobNotFound()
  return blob
}

/** Checks `If-Match` and `If-None-Match` of a write. Throws 409 or 412. */
export function requireConditions(call: Call, blob: Blob | undefined): void {
  const [match, noneMatch] = [headerOf(call, 'if-match'), headerOf(call, 'if-none-match')]
  if (noneMatch === '*' && blob)
    throw new StorageError(409, 'BlobAlreadyExists', 'The specified blob already exists.')
  if (match !== undefined && (!blob || (match !== '*' && match.replaceAll('"', '') !== blob.etag)))
    throw new StorageError(
      412,
      'ConditionNotMet',
      'The condition specified using HTTP conditional header(s) is not met.',
    )
}

/** Returns the HTTP headers that a request gives a blob. `Content-Type` counts for the creation only. */
const httpHeaders = (call: Call) => {
  const [cacheControl, contentEncoding, contentLanguage, contentDisposition] = [
    'cache-control',
    'content-encoding',
    'content-language',
    'content-disposition',
  ].map((name) => headerOf(call, `x-ms-blob-${name}`))
  return {
    ...(cacheControl && { cacheControl }),
    ...(contentEncoding && { contentEncoding }),
    ...(contentLanguage && { contentLanguage }),
    ...(contentDisposition && { contentDisposition }),
  }
}

const defaultType = 'application/octet-stream'

/** Creates or replaces a block blob. */
export function putBlob(request: StorageRequest): Reply {
  const { call, simulator, item: name } = request
  const container = requireContainer(request)
  const type = headerOf(call, 'x-ms-blob-type')
  if (type === undefined) throw missingHeader()
  if (type !== 'BlockBlob') throw invalidHeader()
  const existing = findBlob(container, name)
  requireConditions(call, existing)
  const contentMd5 = createHash('md5').update(call.body).digest('base64')
  const sentMd5 = headerOf(call, 'content-md5')
  if (sentMd5 !== undefined && sentMd5 !== contentMd5)
    throw new StorageError(
      400,
      'Md5Mismatch',
      'The MD5 value specified in the request did not match with the MD5 value calculated by the server.',
    )
  const now = simulator.now()
  const blob: Blob = {
    name,
    content: call.body.toString('base64'),
    contentType: headerOf(call, 'x-ms-blob-content-type') ?? headerOf(call, 'content-type') ?? defaultType,
    contentMd5,
    ...httpHeaders(call),
    metadata: metadataOf(call),
    etag: newEtag(now),
    createdAt: now,
    changedAt: now,
  }
  container.blobs = [...container.blobs.filter((each) => each !== existing), blob]
  return {
    status: 201,
    headers: {
      ...versionHeaders(blob),
      'content-md5': contentMd5,
      'x-ms-request-server-encrypted': 'true',
    },
  }
}

/** Sets the HTTP headers of a blob. What the request omits is cleared. */
export function setBlobProperties(request: StorageRequest): Reply {
  const { call, simulator } = request
  const blob = requireBlob(request)
  requireConditions(call, blob)
  const { name, content, contentMd5, metadata, createdAt } = blob
  const container = requireContainer(request)
  const now = simulator.now()
  const changed: Blob = {
    name,
    content,
    contentMd5,
    metadata,
    createdAt,
    contentType: headerOf(call, 'x-ms-blob-content-type') ?? defaultType,
    ...httpHeaders(call),
    etag: newEtag(now),
    changedAt: now,
  }
  container.blobs = container.blobs.map((each) => (each === blob ? changed : each))
  return { status: 200, headers: versionHeaders(changed) }
}

export function setBlobMetadata(request: StorageRequest): Reply {
  const { call, simulator } = request
  const blob = requireBlob(request)
  requireConditions(call, blob)
  const now = simulator.now()
  Object.assign(blob, { metadata: metadataOf(call), etag: newEtag(now), changedAt: now })
  return {
    status: 200,
    headers: { ...versionHeaders(blob), 'x-ms-request-server-encrypted': 'true' },
  }
}

export function deleteBlob(request: StorageRequest): Reply {
  const blob = requireBlob(request)
  requireConditions(request.call, blob)
  const container = requireContainer(request)
  container.blobs = container.blobs.filter((each) => each !== blob)
  return { status: 202, headers: { 'x-ms-delete-type-permanent': 'true' } }
}
