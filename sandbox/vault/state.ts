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

export interface VaultObjectVersion {
  version: string
  /** The public key. */
  key: { kty: string; n: string; e: string }
  /** The certificate, DER in base64. */
  cer?: string
  tags: Record<string, string>
  enabled: boolean
  created: number
  updated: number
}

/** A key or a certificate. */
export interface VaultObject {
  name: string
  versions: VaultObjectVersion[]
  deletedAt?: number
}

export type VaultCollection = 'secrets' | 'keys' | 'certificates'

/** Contents by lower-case name. */
export interface VaultData {
  secrets: Record<string, Secret>
  keys?: Record<string, VaultObject>
  certificates?: Record<string, VaultObject>
}

declare module '../sandbox-state.ts' {
  interface SandboxState {
    /** By lower-case vault name. A soft-deleted vault keeps its secrets. */
    vaults: Record<string, VaultData>
  }
}
