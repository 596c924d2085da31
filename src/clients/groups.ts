export interface Group {
  id: string
  name: string
  location: string
  tags: Record<string, string>
  /** `Succeeded`, `Deleting`. */
  state: string
}

/** What lies in a group, of whatever type. */
export interface GroupResource {
  id: string
  /** `Microsoft.KeyVault/vaults`, in any case. */
  type: string
  name: string
}

export interface Groups {
  get(name: string): Promise<Group | undefined>
  list(): Promise<Group[]>
  put(name: string, of: { location: string; tags: Record<string, string> }): Promise<void>
  resources(name: string): Promise<GroupResource[]>
  remove(name: string): Promise<void>
}
