import { randomBytes, randomUUID } from 'node:crypto'
import type { SandboxState } from '../sandbox-state.ts'
import type { StateSeed } from '../service.ts'
import { services } from '../services.ts'

/** Returns the state of a new sandbox: one tenant, one subscription, one operator, no resources. */
export async function newSandboxState(
  now: number,
  port: number,
  newRsaKey: StateSeed['newRsaKey'],
): Promise<SandboxState> {
  const base = {
    schema: 1 as const,
    port,
    tenant: { id: randomUUID(), domain: 'contoso.example', displayName: 'Contoso' },
    subscription: { id: randomUUID(), displayName: 'Contoso Dev' },
    operator: {
      clientId: randomUUID(),
      // Entra's secrets never begin with a dash, which az would read as an option.
      clientSecret: `sbx8Q~${randomBytes(25).toString('base64url')}`,
      objectId: randomUUID(),
      displayName: 'sandbox-operator',
    },
  }
  return completeState(base, now, newRsaKey)
}

/** Adds the parts that a saved state lacks, such as those of a service that is new since it was saved. */
export async function completeState(
  state: Pick<SandboxState, 'schema' | 'port' | 'tenant' | 'subscription' | 'operator'>,
  now: number,
  newRsaKey: StateSeed['newRsaKey'],
): Promise<SandboxState> {
  const { tenant, subscription, operator } = state
  const seed = { now, tenant, subscription, operator, newRsaKey }
  const complete: Record<string, unknown> = { ...state }
  for (const { state: part } of services)
    if (part && !(part.key in complete)) complete[part.key] = await part.create(seed)
  return complete as unknown as SandboxState
}
