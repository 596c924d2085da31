import type { Reply } from '../../http.ts'
import {
  deleteCollection,
  findCollection,
  isBeingDeleted,
  listCollections,
  newCollection,
} from '../collections.ts'
import { enumeration, xmlReply } from '../enumeration.ts'
import {
  alreadyExists,
  beingDeleted,
  collectionNotFound,
  invalidHeader,
  invalidResourceName,
  publicAccessNotPermitted,
} from '../errors.ts'
import { newEtag } from '../etag.ts'
import { headerOf, httpDate, metadataHeaders, metadataOf, versionHeaders } from '../headers.ts'
import { isContainerName } from '../names.ts'
import { pageOf } from '../paging.ts'
import type { StorageRequest } from '../request.ts'
import type { Container } from '../state.ts'
import { element } from '../xml.ts'

/** Returns the container of the request. Throws 404. */
export function requireContainer({ account, collection }: StorageRequest): Container {
  const container = findCollection(account.data.containers, collection)
  if (!container) throw collectionNotFound('Container')
  return container
}

/** Returns the anonymous access that a request asks for. Throws 409 if the account forbids it. */
function requestedAccess({ call, account }: StorageRequest): Container['publicAccess'] {
  const access = headerOf(call, 'x-ms-blob-public-access')
  if (access === undefined) return undefined
  if (access !== 'blob' && access !== 'container') throw invalidHeader()
  if (!account.anonymousReads) throw publicAccessNotPermitted()
  return access
}

export function createContainer(request: StorageRequest): Reply {
  const { call, simulator, account, collection: name } = request
  if (!isContainerName(name)) throw invalidResourceName()
  const all = account.data.containers
  if (findCollection(all, name)) throw alreadyExists('Container')
  if (isBeingDeleted(simulator, all, name)) throw beingDeleted('Container')
  const publicAccess = requestedAccess(request)
  const container: Container = {
    ...newCollection(simulator, name, metadataOf(call)),
    ...(publicAccess && { publicAccess }),
    blobs: [],
  }
  all[name] = container
  return { status: 201, headers: versionHeaders(container) }
}

export function getContainer(request: StorageRequest): Reply {
  const container = requireContainer(request)
  return {
    status: 200,
    headers: {
      ...versionHeaders(container),
      ...metadataHeaders(container.metadata),
      'x-ms-blob-public-access': container.publicAccess,
      'x-ms-lease-status': 'unlocked',
      'x-ms-lease-state': 'available',
      'x-ms-has-immutability-policy': 'false',
      'x-ms-has-legal-hold': 'false',
    },
  }
}

export function setContainerMetadata(request: StorageRequest): Reply {
  const container = requireContainer(request)
  const { call, simulator } = request
  const now = simulator.now()
  Object.assign(container, { metadata: metadataOf(call), changedAt: now, etag: newEtag(now) })
  return { status: 200, headers: versionHeaders(container) }
}

export function deleteContainer(request: StorageRequest): Reply {
  deleteCollection(request.simulator, requireContainer(request))
  return { status: 202 }
}

export function getContainerAccess(request: StorageRequest): Reply {
  const container = requireContainer(request)
  return xmlReply(element('SignedIdentifiers'), {
    ...versionHeaders(container),
    'x-ms-blob-public-access': container.publicAccess,
  })
}

export function setContainerAccess(request: StorageRequest): Reply {
  const container = requireContainer(request)
  const publicAccess = requestedAccess(request)
  const now = request.simulator.now()
  delete container.publicAccess
  Object.assign(container, { ...(publicAccess && { publicAccess }), changedAt: now, etag: newEtag(now) })
  return { status: 200, headers: versionHeaders(container) }
}

export function listContainers(request: StorageRequest): Reply {
  const { call, account } = request
  const prefix = call.query('prefix') ?? ''
  const withMetadata = call.query('include')?.includes('metadata')
  const found = listCollections(account.data.containers).filter(({ name }) => name.startsWith(prefix))
  const { page, nextMarker } = pageOf(call, found, ({ name }) => name)
  const containers = page.map(({ name, etag, changedAt, publicAccess, metadata }) =>
    element('Container', [
      element('Name', name),
      element('Properties', [
        element('Last-Modified', httpDate(changedAt)),
        element('Etag', `"${etag}"`),
        element('LeaseStatus', 'unlocked'),
        element('LeaseState', 'available'),
        ...(publicAccess ? [element('PublicAccess', publicAccess)] : []),
        element('HasImmutabilityPolicy', false),
        element('HasLegalHold', false),
      ]),
      ...(withMetadata
        ? [
            element(
              'Metadata',
              Object.entries(metadata).map(([key, value]) => element(key, value)),
            ),
          ]
        : []),
    ]),
  )
  return xmlReply(enumeration(request, 'blob', element('Containers', containers), nextMarker))
}
