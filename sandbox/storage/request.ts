import type { Call, Reply } from '../http.ts'
import type { Simulator } from '../simulator.ts'
import type { StorageAccount } from './accounts.ts'

/** What the path of a request names. */
export interface Target {
  /** The kind of target, such as `account`, `collection` or `item`. */
  on: string
  /** Container, queue or table; empty for the account. */
  collection: string
  /** Blob, message or keys; empty for the collection. */
  item: string
}

/** A request that passed the checks of the storage account. */
export interface StorageRequest extends Target {
  call: Call
  simulator: Simulator
  account: StorageAccount
}

/** What a role must allow. */
export interface Permission {
  kind: 'control' | 'data'
  /** Actions below `Microsoft.Storage/storageAccounts/`. All of one list suffice. */
  anyOf: readonly (readonly string[])[]
}

export interface StorageOperation {
  method: string
  on: string
  /** Query parameters that select the operation, in lower case. */
  select?: Partial<Record<string, string>>
  permission: Permission
  handler: (request: StorageRequest) => Reply
}

/** The caller needs a control action. */
export const control = (action: string): Permission => ({ kind: 'control', anyOf: [[action]] })

/** The caller needs one of the data actions, or all of a list of them. */
export const data = (...actions: (string | string[])[]): Permission => ({
  kind: 'data',
  anyOf: actions.map((action) => [action].flat()),
})
