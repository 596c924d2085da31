export interface KeyValue {
  key: string
  label: string | null
  /** Encrypted in no file: App Configuration is not for secrets. */
  value: string | null
  contentType: string | null
  tags: Record<string, string>
  etag: string
  /** ms since the epoch. */
  changedAt: number
}

declare module '../sandbox-state.ts' {
  interface SandboxState {
    /** Key-values by lower-case store name, then by key and label. */
    appConfig: Record<string, Record<string, KeyValue>>
  }
}
