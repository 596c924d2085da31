/** A container, queue or table. Its key in the state is its name. */
interface Collection {
  name: string
  etag: string
  createdAt: number
  changedAt: number
  metadata: Record<string, string>
  /** The name can't be used again for some time after the deletion. */
  deletedAt?: number
}

export interface Blob {
  name: string
  /** Base64. */
  content: string
  contentType: string
  /** MD5, base64. */
  contentMd5: string
  cacheControl?: string
  contentEncoding?: string
  contentLanguage?: string
  contentDisposition?: string
  metadata: Record<string, string>
  etag: string
  createdAt: number
  changedAt: number
}

export interface Container extends Collection {
  publicAccess?: 'blob' | 'container'
  blobs: Blob[]
}

export interface Message {
  id: string
  text: string
  popReceipt: string
  insertedAt: number
  expiresAt: number
  visibleAt: number
  dequeueCount: number
}

export interface Queue extends Collection {
  messages: Message[]
}

export interface Entity {
  partitionKey: string
  rowKey: string
  changedAt: number
  etag: string
  /** The other properties, with their `@odata.type` members. */
  properties: Record<string, unknown>
}

export interface Table extends Collection {
  entities: Entity[]
}

export interface Website {
  enabled: boolean
  indexDocument?: string
  defaultIndexDocumentPath?: string
  errorDocument404Path?: string
}

/** The contents of a storage account. Tables have lower-case keys: their names are compared without case. */
export interface StorageData {
  containers: Record<string, Container>
  queues: Record<string, Queue>
  tables: Record<string, Table>
  website: Website
}

export type { Collection }

declare module '../sandbox-state.ts' {
  interface SandboxState {
    /** By account name. */
    storage: Record<string, StorageData>
  }
}
