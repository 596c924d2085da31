export interface Repository {
  /** ms since the epoch. */
  createdAt: number
  /** Digest by tag. */
  tags: Record<string, { digest: string; createdAt: number }>
  /** Manifest by digest, as it was pushed. */
  manifests: Record<string, string>
}

declare module '../sandbox-state.ts' {
  interface SandboxState {
    /** Repositories by lower-case registry name, then by their own name. */
    acr: Record<string, Record<string, Repository>>
  }
}
