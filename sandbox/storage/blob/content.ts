import type { Call, Reply } from '../../http.ts'
import { StorageError } from '../errors.ts'
import { headerOf, metadataHeaders, versionHeaders } from '../headers.ts'
import type { StorageRequest } from '../request.ts'
import type { Blob } from '../state.ts'
import { requireBlob, requireConditions } from './blobs.ts'

/** The headers of a blob that every client gets, also that of a website. */
export const contentHeaders = (blob: Blob): Record<string, string | undefined> => ({
  'content-type': blob.contentType,
  'cache-control': blob.cacheControl,
  'content-encoding': blob.contentEncoding,
  'content-language': blob.contentLanguage,
  'content-disposition': blob.contentDisposition,
  ...versionHeaders(blob),
})

const blobHeaders = (blob: Blob): Record<string, string | undefined> => ({
  ...contentHeaders(blob),
  ...metadataHeaders(blob.metadata),
  'accept-ranges': 'bytes',
  'x-ms-blob-type': 'BlockBlob',
  'x-ms-creation-time': new Date(blob.createdAt).toUTCString(),
  'x-ms-lease-status': 'unlocked',
  'x-ms-lease-state': 'available',
  'x-ms-server-encrypted': 'true',
})

/** Returns the requested range, the end exclusive; `undefined` for the complete blob. Throws 416 if it begins after the end. */
function rangeOf(call: Call, length: number): { from: number; to: number } | undefined {
  const text = headerOf(call, 'x-ms-range') ?? headerOf(call, 'range')
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(text ?? '') ?? []
  if (first === undefined) return undefined
  const from = Number(first)
  if (from >= length)
    throw new StorageError(
      416,
      'InvalidRange',
      'The range specified is invalid for the current size of the resource.',
      { headers: { 'content-range': `bytes */${length}` } },
    )
  return { from, to: last ? Math.min(Number(last) + 1, length) : length }
}

/** Returns 304 for a client that has the blob already. */
export const notModified = (call: Call, { etag, changedAt }: Blob): boolean => {
  const noneMatch = headerOf(call, 'if-none-match')
  const since = headerOf(call, 'if-modified-since')
  if (noneMatch !== undefined) return noneMatch === '*' || noneMatch.includes(etag)
  return since !== undefined && Math.floor(changedAt / 1000) * 1000 <= Date.parse(since)
}

export function getBlob(request: StorageRequest): Reply {
  const { call } = request
  const blob = requireBlob(request)
  if (headerOf(call, 'if-match') !== undefined) requireConditions(call, blob)
  if (notModified(call, blob)) return { status: 304, headers: versionHeaders(blob) }
  const content = Buffer.from(blob.content, 'base64')
  const range = rangeOf(call, content.length)
  if (!range)
    return {
      status: 200,
      headers: { ...blobHeaders(blob), 'content-md5': blob.contentMd5 },
      body: content,
    }
  return {
    status: 206,
    headers: {
      ...blobHeaders(blob),
      'x-ms-blob-content-md5': blob.contentMd5,
      'content-range': `bytes ${range.from}-${range.to - 1}/${content.length}`,
    },
    body: content.subarray(range.from, range.to),
  }
}

/** `HEAD`: the properties of a blob. */
export function getBlobProperties(request: StorageRequest): Reply {
  const blob = requireBlob(request)
  return {
    status: 200,
    headers: {
      ...blobHeaders(blob),
      'content-md5': blob.contentMd5,
      'x-ms-access-tier': 'Hot',
      'x-ms-access-tier-inferred': 'true',
    },
    body: Buffer.from(blob.content, 'base64'),
  }
}
