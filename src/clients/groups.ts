export interface Group {
  id: string
  name: string
  location: string
  tags: Record<string, string>
  /** `Succeeded`, `Deleting`. */
  state: string
}

export interface Groups {
  get(name: string): Promise<Group | undefined>
  list(): Promise<Group[]>
  put(name: string, of: { location: string; tags: Record<string, string> }): Promise<void>
  remove(name: string): Promise<void>
}
