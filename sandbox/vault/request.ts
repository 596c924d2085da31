import type { Call, Reply } from '../http.ts'
import type { Route } from '../router.ts'
import type { Simulator } from '../simulator.ts'
import type { VaultCollection } from './state.ts'
import type { Vault } from './vaults.ts'

/** A request that passed the checks of the vault. */
export interface VaultRequest {
  call: Call
  simulator: Simulator
  vault: Vault
  params: { name?: string; version?: string }
}

export interface VaultRoute extends Route<VaultRequest> {
  handler: (request: VaultRequest) => Reply | Promise<Reply>
  /** The permission that an access policy must grant. */
  permission:
    | 'get'
    | 'list'
    | 'set'
    | 'create'
    | 'delete'
    | 'recover'
    | 'purge'
    | 'backup'
    | 'restore'
    | 'managecontacts'
  /** What it is about: permissions of access policies, roles and scopes are separate for each. */
  collection: VaultCollection
  /** The data action that a role must grant, below `Microsoft.KeyVault/vaults/`. */
  action: string
}
