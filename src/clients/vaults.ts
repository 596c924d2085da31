export interface VaultPolicy {
  objectId: string
  /** Permissions on secrets, lower case. */
  secrets: string[]
}

export interface Vault {
  id: string
  name: string
  group: string
  location: string
  tags: Record<string, string>
  uri: string
  tenantId: string
  access: 'rbac' | 'policy'
  policies: VaultPolicy[]
  /** False while its DNS name is being registered. */
  ready: boolean
  publicNetworkAccess: boolean
  /** What the firewall does with an address that it does not know. */
  firewall: 'Allow' | 'Deny'
  /** For how long a deleted one can be recovered. */
  retentionDays: number
  /** False for one of before 2025 that is gone at once when it is deleted. */
  softDelete: boolean
  /** Nobody can end a deleted one before that time. */
  purgeProtection: boolean
}

/** A secret or key as Resource Manager tells it: no value, and no right on the data is needed to see it. */
export interface VaultContent {
  kind: 'secret' | 'key'
  name: string
  tags: Record<string, string>
}

export interface DeletedVault {
  name: string
  /** ARM id that it had. */
  vaultId: string
  location: string
  deletionDate: string
  purgeProtected: boolean
  tags: Record<string, string>
}

export interface Vaults {
  get(group: string, name: string): Promise<Vault | undefined>
  list(): Promise<Vault[]>
  deleted(name: string): Promise<DeletedVault | undefined>
  /** Undefined if the name is free; else the service's reason. */
  nameTaken(name: string): Promise<string | undefined>
  create(
    group: string,
    name: string,
    of: { location: string; tenantId: string; access: 'rbac' | 'policy'; tags: Record<string, string> },
  ): Promise<void>
  recover(group: string, deleted: DeletedVault, tenantId: string): Promise<void>
  addPolicy(
    group: string,
    name: string,
    of: { tenantId: string; objectId: string; secrets: string[] },
  ): Promise<void>
  removePolicy(group: string, name: string, of: { tenantId: string; objectId: string }): Promise<void>
  contents(group: string, name: string): Promise<VaultContent[]>
  remove(group: string, name: string): Promise<void>
  /** Ends a deleted one for good, with all that was in it; its name is free again. */
  purge(deleted: DeletedVault): Promise<void>
}
