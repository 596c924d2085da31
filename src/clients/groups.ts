export interface Group {
  id: string
  name: string
  location: string
  tags: Record<string, string>
  /** Provisioning state, such as `Succeeded` or `Deleting`. */
  state: string
}

/** A resource in a resource group. */
export interface GroupResource {
  id: string
  /** For example `Microsoft.KeyVault/vaults`; the case varies. */
  type: string
  name: string
}

export interface Groups {
  get(name: string): Promise<Group | undefined>
  list(): Promise<Group[]>
  put(name: string, options: { location: string; tags: Record<string, string> }): Promise<void>
  resources(name: string): Promise<GroupResource[]>
  remove(name: string): Promise<void>
}
