export interface SecretVersion {
  version: string
  /** Encrypted in the state file, plain in memory. */
  value: string
  contentType?: string
  tags: Record<string, string>
  enabled: boolean
  /** Seconds since the epoch, as on the wire. */
  nbf?: number
  exp?: number
  created: number
  updated: number
}

export interface Secret {
  name: string
  versions: SecretVersion[]
  deletedAt?: number
  purgeAt?: number
}

/** Secrets by lower-case name. */
export interface VaultData {
  secrets: Record<string, Secret>
}

declare module '../sandbox-state.ts' {
  interface SandboxState {
    /** By lower-case vault name. A soft-deleted vault keeps its secrets. */
    vaults: Record<string, VaultData>
  }
}
