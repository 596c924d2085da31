export interface VaultPolicy {
  objectId: string
  /** Permissions for secrets in lower case. */
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
  /** The firewall's default action. */
  firewall: 'Allow' | 'Deny'
  /** How long a deleted vault can be recovered. */
  retentionDays: number
  /** False only for a vault created before 2025, which is deleted permanently. */
  softDelete: boolean
  /** Whether a deleted vault can't be purged before the retention period ends. */
  purgeProtection: boolean
}

/** A secret or key without its value, as ARM lists it without data-plane permissions. */
export interface VaultContent {
  kind: 'secret' | 'key'
  name: string
  tags: Record<string, string>
}

export interface DeletedVault {
  name: string
  /** The vault's former ARM ID. */
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
  /** Returns why the name is not available; undefined if it is. */
  nameTaken(name: string): Promise<string | undefined>
  create(
    group: string,
    name: string,
    options: { location: string; tenantId: string; access: 'rbac' | 'policy'; tags: Record<string, string> },
  ): Promise<void>
  recover(group: string, deleted: DeletedVault, tenantId: string): Promise<void>
  addPolicy(
    group: string,
    name: string,
    options: { tenantId: string; objectId: string; secrets: string[] },
  ): Promise<void>
  removePolicy(group: string, name: string, options: { tenantId: string; objectId: string }): Promise<void>
  contents(group: string, name: string): Promise<VaultContent[]>
  remove(group: string, name: string): Promise<void>
  /** Permanently deletes a soft-deleted vault with its contents, which frees the name. */
  purge(deleted: DeletedVault): Promise<void>
}
