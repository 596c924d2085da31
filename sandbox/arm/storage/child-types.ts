import type { Simulator } from '../../simulator.ts'
import { newCollection } from '../../storage/collections.ts'
import { type CollectionNoun, publicAccessNotPermitted } from '../../storage/errors.ts'
import { isContainerName, isQueueName, isTableName } from '../../storage/names.ts'
import type { Collection, Container, Queue, StorageData, Table } from '../../storage/state.ts'
import type { Resource } from '../state.ts'
import { dotNetTimestamp } from '../timestamps.ts'

export interface ChildProperties {
  metadata?: Record<string, string>
  publicAccess?: string
}

/** Containers, queues or tables as resources below an account. */
export interface ChildType<C extends Collection = Collection> {
  service: 'blobServices' | 'queueServices' | 'tableServices'
  name: 'containers' | 'queues' | 'tables'
  noun: CollectionNoun
  /** Status of the reply to a creation. */
  created: 200 | 201
  isName(name: string): boolean
  all(data: StorageData): Record<string, C>
  create(simulator: Simulator, name: string): C
  update(account: Resource, item: C, input: ChildProperties): void
  properties(item: C): Record<string, unknown>
}

const containers: ChildType<Container> = {
  service: 'blobServices',
  name: 'containers',
  noun: 'Container',
  created: 201,
  isName: isContainerName,
  all: (data) => data.containers,
  create: (simulator, name) => ({ ...newCollection(simulator, name), blobs: [] }),
  update(account, container, { metadata, publicAccess }) {
    const access = publicAccess?.toLowerCase()
    if (access !== undefined && access !== 'none' && account.body.properties.allowBlobPublicAccess !== true)
      throw publicAccessNotPermitted()
    if (metadata) container.metadata = metadata
    if (access === 'blob' || access === 'container') container.publicAccess = access
    else if (access === 'none') delete container.publicAccess
  },
  properties: ({ changedAt, metadata, publicAccess }) => ({
    deleted: false,
    remainingRetentionDays: 0,
    defaultEncryptionScope: '$account-encryption-key',
    denyEncryptionScopeOverride: false,
    publicAccess: { blob: 'Blob', container: 'Container', none: 'None' }[publicAccess ?? 'none'],
    leaseStatus: 'Unlocked',
    leaseState: 'Available',
    lastModifiedTime: dotNetTimestamp(changedAt),
    ...(Object.keys(metadata).length > 0 && { metadata }),
    hasImmutabilityPolicy: false,
    hasLegalHold: false,
  }),
}

const queues: ChildType<Queue> = {
  service: 'queueServices',
  name: 'queues',
  noun: 'Queue',
  created: 200,
  isName: isQueueName,
  all: (data) => data.queues,
  create: (simulator, name) => ({ ...newCollection(simulator, name), messages: [] }),
  update(_, queue, { metadata }) {
    if (metadata) queue.metadata = metadata
  },
  properties: ({ metadata, messages }) => ({ metadata, approximateMessageCount: messages.length }),
}

const tables: ChildType<Table> = {
  service: 'tableServices',
  name: 'tables',
  noun: 'Table',
  created: 200,
  isName: isTableName,
  all: (data) => data.tables,
  create: (simulator, name) => ({ ...newCollection(simulator, name), entities: [] }),
  update() {},
  properties: ({ name }) => ({ tableName: name }),
}

export const childTypes = [containers, queues, tables] as unknown as readonly ChildType[]
