import { hasChallenge, unauthorized } from '../authentication.ts'
import { findCollection } from '../collections.ts'
import { type DataPlane, dataPlaneService } from '../data-plane.ts'
import { xmlError } from '../error-bodies.ts'
import { publicAccessNotPermitted, resourceNotFound } from '../errors.ts'
import { splitPath } from '../path.ts'
import { control, data, type StorageOperation, type StorageRequest } from '../request.ts'
import { getServiceProperties, setServiceProperties } from './account.ts'
import { deleteBlob, putBlob, setBlobMetadata, setBlobProperties } from './blobs.ts'
import {
  createContainer,
  deleteContainer,
  getContainer,
  getContainerAccess,
  listContainers,
  setContainerAccess,
  setContainerMetadata,
} from './containers.ts'
import { getBlob, getBlobProperties } from './content.ts'
import { listBlobs } from './list-blobs.ts'

const service = 'blobServices'
const containers = `${service}/containers`
const blobs = `${containers}/blobs`

const container = { restype: 'container' }
const serviceProperties = { restype: 'service', comp: 'properties' }
const [readBlob, writeBlob] = [data(`${blobs}/read`), data(`${blobs}/write`)]

// learn: "Permissions for blob service operations". Operations on containers are control actions.
const operations: StorageOperation[] = [
  {
    method: 'GET',
    on: 'account',
    select: { comp: 'list' },
    permission: control(`${containers}/read`),
    handler: listContainers,
  },
  {
    method: 'GET',
    on: 'account',
    select: serviceProperties,
    permission: control(`${service}/read`),
    handler: getServiceProperties,
  },
  {
    method: 'PUT',
    on: 'account',
    select: serviceProperties,
    permission: control(`${service}/write`),
    handler: setServiceProperties,
  },
  {
    method: 'PUT',
    on: 'collection',
    select: container,
    permission: control(`${containers}/write`),
    handler: createContainer,
  },
  ...['GET', 'HEAD'].map((method) => ({
    method,
    on: 'collection',
    select: container,
    permission: control(`${containers}/read`),
    handler: getContainer,
  })),
  {
    method: 'DELETE',
    on: 'collection',
    select: container,
    permission: control(`${containers}/delete`),
    handler: deleteContainer,
  },
  {
    method: 'PUT',
    on: 'collection',
    select: { ...container, comp: 'metadata' },
    permission: control(`${containers}/write`),
    handler: setContainerMetadata,
  },
  {
    method: 'GET',
    on: 'collection',
    select: { ...container, comp: 'acl' },
    permission: control(`${containers}/getAcl/action`),
    handler: getContainerAccess,
  },
  {
    method: 'PUT',
    on: 'collection',
    select: { ...container, comp: 'acl' },
    permission: control(`${containers}/setAcl/action`),
    handler: setContainerAccess,
  },
  {
    method: 'GET',
    on: 'collection',
    select: { ...container, comp: 'list' },
    permission: readBlob,
    handler: listBlobs,
  },
  { method: 'GET', on: 'item', permission: readBlob, handler: getBlob },
  { method: 'HEAD', on: 'item', permission: readBlob, handler: getBlobProperties },
  { method: 'PUT', on: 'item', permission: data(`${blobs}/write`, `${blobs}/add/action`), handler: putBlob },
  {
    method: 'PUT',
    on: 'item',
    select: { comp: 'properties' },
    permission: writeBlob,
    handler: setBlobProperties,
  },
  {
    method: 'PUT',
    on: 'item',
    select: { comp: 'metadata' },
    permission: writeBlob,
    handler: setBlobMetadata,
  },
  { method: 'DELETE', on: 'item', permission: data(`${blobs}/delete`), handler: deleteBlob },
]

/** Admits anonymous reads of blobs, and lists of them, as far as account and container allow them. */
function requireAnonymous(
  { call, simulator, account, collection, on }: StorageRequest,
  operation: StorageOperation,
) {
  const access = account.anonymousReads
    ? findCollection(account.data.containers, collection)?.publicAccess
    : undefined
  const isRead = operation.permission === readBlob && (on === 'item' || access === 'container')
  if (access && isRead) return
  if (hasChallenge(call)) throw unauthorized(simulator, 'NoAuthenticationInformation')
  throw account.anonymousReads ? resourceNotFound() : publicAccessNotPermitted()
}

const plane: DataPlane = {
  name: 'blob',
  server: 'Windows-Azure-Blob/1.0',
  noun: 'Container',
  operations,
  parsePath(call) {
    const { collection, item } = splitPath(call)
    return { on: item ? 'item' : collection ? 'collection' : 'account', collection, item }
  },
  scopeOf: ({ collection, item }) =>
    collection === ''
      ? ''
      : `/${service}/default/containers/${collection}${item === '' ? '' : `/blobs/${item}`}`,
  requireAnonymous,
  errorBody: xmlError,
}

/** Blob storage: containers and block blobs. */
export const blobService = dataPlaneService(plane)
