import type { FederatedCredential } from './directory.ts'

/** A user-assigned managed identity. */
export interface ManagedIdentity {
  id: string
  name: string
  group: string
  location: string
  clientId: string
  principalId: string
  tenantId: string
  tags: Record<string, string>
}

export interface Identities {
  get(group: string, name: string): Promise<ManagedIdentity | undefined>
  list(): Promise<ManagedIdentity[]>
  put(group: string, name: string, options: { location: string; tags: Record<string, string> }): Promise<void>
  remove(group: string, name: string): Promise<void>
  credentials(group: string, name: string): Promise<FederatedCredential[]>
  putCredential(group: string, name: string, credential: FederatedCredential): Promise<void>
  removeCredential(group: string, name: string, credential: string): Promise<void>
}
