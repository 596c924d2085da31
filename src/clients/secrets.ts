export interface VaultSecret {
  id: string
  value: string
  tags: Record<string, string>
  notBefore: Date | undefined
  expires: Date | undefined
}

/** Key Vault's data plane, as the caller, or as the bearer of a given token. */
export interface Secrets {
  /** Undefined if it does not exist; throws `Forbidden` (with ForbiddenByRbac, AccessDenied, ForbiddenByFirewall …) when not allowed. */
  get(
    vaultUri: string,
    name: string,
    as?: { token: (scope: string, tenantId?: string) => Promise<string> },
  ): Promise<VaultSecret | undefined>
  put(vaultUri: string, name: string, of: { value: string; tags: Record<string, string> }): Promise<void>
  /** The soft-deleted secret that holds the name. */
  deleted(vaultUri: string, name: string): Promise<{ tags: Record<string, string> } | undefined>
  recover(vaultUri: string, name: string): Promise<void>
  remove(vaultUri: string, name: string): Promise<void>
  /** Ends a soft-deleted one for good. */
  purge(vaultUri: string, name: string): Promise<void>
  /** Names of all secrets in the vault. */
  names(vaultUri: string): Promise<string[]>
}
