export interface VaultSecret {
  id: string
  value: string
  tags: Record<string, string>
  notBefore: Date | undefined
  expires: Date | undefined
}

/** Key Vault's data plane. */
export interface Secrets {
  /**
   * Returns the secret, read as the caller or with the tokens in `as`. Throws `Forbidden` with an inner code such as
   * `ForbiddenByRbac`, `AccessDenied` or `ForbiddenByFirewall`.
   */
  get(
    vaultUri: string,
    name: string,
    as?: { token: (scope: string, tenantId?: string) => Promise<string> },
  ): Promise<VaultSecret | undefined>
  put(vaultUri: string, name: string, secret: { value: string; tags: Record<string, string> }): Promise<void>
  /** Returns the soft-deleted secret that reserves the name. */
  deleted(vaultUri: string, name: string): Promise<{ tags: Record<string, string> } | undefined>
  recover(vaultUri: string, name: string): Promise<void>
  remove(vaultUri: string, name: string): Promise<void>
  /** Permanently deletes a soft-deleted secret. */
  purge(vaultUri: string, name: string): Promise<void>
  /** Returns the names of all secrets in the vault. */
  names(vaultUri: string): Promise<string[]>
}
