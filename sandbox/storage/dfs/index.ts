import type { Reply } from '../../http.ts'
import { createContainer, deleteContainer, getContainer, requireContainer } from '../blob/containers.ts'
import { getBlob, getBlobProperties } from '../blob/content.ts'
import { sortedBlobs } from '../blob/list-blobs.ts'
import { type DataPlane, dataPlaneService } from '../data-plane.ts'
import { dfsError } from '../error-bodies.ts'
import { StorageError } from '../errors.ts'
import { httpDate } from '../headers.ts'
import { pageOf } from '../paging.ts'
import { splitPath } from '../path.ts'
import { control, data, type StorageOperation, type StorageRequest } from '../request.ts'

const containers = 'blobServices/containers'
const select = { resource: 'filesystem' }
const readFile = data(`${containers}/blobs/read`)

/** Runs an operation on a container, which Data Lake calls a file system. */
const onFileSystem =
  (handler: StorageOperation['handler']): StorageOperation['handler'] =>
  (request) => {
    try {
      return handler(request)
    } catch (error) {
      if (!(error instanceof StorageError)) throw error
      const { status, code, message } = error
      if (code === 'BlobNotFound')
        throw new StorageError(404, 'PathNotFound', 'The specified path does not exist.')
      throw new StorageError(
        status,
        code.replace(/^Container/, 'Filesystem'),
        message.replace('container', 'filesystem'),
      )
    }
  }

/** Lists the files of a file system, or those of a directory. Directories are the prefixes of names. */
function listPaths(request: StorageRequest): Reply {
  const { call } = request
  const directory = call.query('directory') ?? ''
  const prefix = directory === '' ? '' : `${directory.replace(/\/+$/, '')}/`
  const isRecursive = call.query('recursive')?.toLowerCase() === 'true'
  const files = sortedBlobs(requireContainer(request), prefix)
  const isDirect = (name: string) => !name.slice(prefix.length).includes('/')
  const paths = files
    .filter(({ name }) => isRecursive || isDirect(name))
    .map(({ name, content, changedAt, etag }) => ({
      name,
      contentLength: String(Buffer.from(content, 'base64').length),
      etag,
      lastModified: httpDate(changedAt),
      owner: '$superuser',
      group: '$superuser',
      permissions: 'rw-r-----',
    }))
  const directories = isRecursive
    ? []
    : [
        ...new Set(
          files
            .filter(({ name }) => !isDirect(name))
            .map(({ name }) => name.slice(prefix.length).split('/')[0]!),
        ),
      ].map((name) => ({ name: `${prefix}${name}`, isDirectory: 'true', contentLength: '0' }))
  const all = [...directories, ...paths].sort((a, b) => (a.name < b.name ? -1 : 1))
  const { page, nextMarker } = pageOf(call, all, ({ name }) => name)
  return {
    status: 200,
    headers: {
      'content-type': 'application/json;charset=utf-8',
      ...(nextMarker !== undefined && { 'x-ms-continuation': nextMarker }),
    },
    body: JSON.stringify({ paths: page }),
  }
}

const operations: StorageOperation[] = [
  { method: 'GET', on: 'collection', select, permission: readFile, handler: listPaths },
  {
    method: 'PUT',
    on: 'collection',
    select,
    permission: control(`${containers}/write`),
    handler: createContainer,
  },
  {
    method: 'HEAD',
    on: 'collection',
    select,
    permission: control(`${containers}/read`),
    handler: getContainer,
  },
  {
    method: 'DELETE',
    on: 'collection',
    select,
    permission: control(`${containers}/delete`),
    handler: deleteContainer,
  },
  { method: 'GET', on: 'item', permission: readFile, handler: getBlob },
  { method: 'HEAD', on: 'item', permission: readFile, handler: getBlobProperties },
]

const plane: DataPlane = {
  name: 'dfs',
  server: 'Windows-Azure-HDFS/1.0',
  noun: 'Filesystem',
  operations: operations.map((operation) => ({ ...operation, handler: onFileSystem(operation.handler) })),
  parsePath(call) {
    const { collection, item } = splitPath(call)
    return { on: item ? 'item' : collection ? 'collection' : 'account', collection, item }
  },
  scopeOf: ({ collection }) => (collection === '' ? '' : `/blobServices/default/containers/${collection}`),
  errorBody: dfsError,
}

/** Data Lake Storage: the reads of the blobs by their other endpoint. */
export const dfsService = dataPlaneService(plane)
