import { randomBytes, randomUUID } from 'node:crypto'
import { type Arm, newArm } from './arm/state.ts'
import { type EntraState, newEntraState } from './entra/state.ts'
import { type DirectoryState, newDirectoryState } from './graph/state.ts'
import type { Keys } from './keys.ts'
import type { KubeCluster } from './kube/state.ts'
import type { VaultData } from './vault/state.ts'

/**
 * Everything that the simulated cloud has accepted, as plain JSON. Time stamps are ms since the epoch; long
 * operations hold the time at which they end, so they go on while nothing runs.
 */
export interface SandboxState {
  schema: 1
  port: number
  tenant: { id: string; domain: string; displayName: string }
  subscription: { id: string; displayName: string }
  /** The person or pipeline who sets things up: a service principal that owns the subscription and may register applications. */
  operator: { clientId: string; clientSecret: string; objectId: string; displayName: string }
  entra: EntraState
  directory: DirectoryState
  arm: Arm
  /** Data plane of the vaults by lower-case vault name; kept while a vault is soft-deleted. */
  vaults: Record<string, VaultData>
  /** The clusters behind the managed clusters, by lower-case API server fqdn. */
  clusters: Record<string, KubeCluster>
}

export async function newSandboxState(
  now: number,
  port: number,
  rsa: Keys['newRsaKey'],
): Promise<SandboxState> {
  const tenant = { id: randomUUID(), domain: 'contoso.example', displayName: 'Contoso' }
  const subscription = { id: randomUUID(), displayName: 'Contoso Dev' }
  const operator = {
    clientId: randomUUID(),
    // As Entra makes them; they never begin with a dash, which az would take for an option.
    clientSecret: `sbx8Q~${randomBytes(25).toString('base64url')}`,
    objectId: randomUUID(),
    displayName: 'sandbox-operator',
  }
  return {
    schema: 1,
    port,
    tenant,
    subscription,
    operator,
    entra: await newEntraState(rsa),
    directory: newDirectoryState(now, tenant, operator),
    arm: newArm(now, subscription.id, operator),
    vaults: {},
    clusters: {},
  }
}
