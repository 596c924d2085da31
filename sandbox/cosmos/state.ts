/** An item of a container, with the properties that the service adds. */
export type Item = Record<string, unknown> & { id: string; _etag: string; _ts: number }

/** Items by partition key and ID. */
export type ContainerItems = Record<string, Item>

declare module '../sandbox-state.ts' {
  interface SandboxState {
    /** By lower-case account name, then by database and container. */
    cosmos: Record<string, Record<string, Record<string, ContainerItems>>>
  }
}
