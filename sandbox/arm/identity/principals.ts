import { randomUUID } from 'node:crypto'
import type { Simulator } from '../../simulator.ts'

/** Puts the service principal of a managed identity into the directory. */
export function addPrincipal(
  simulator: Simulator,
  of: { displayName: string; resourceId: string; explicit: boolean },
): { principalId: string; clientId: string; tenantId: string } {
  const [principalId, clientId] = [randomUUID(), randomUUID()]
  simulator.state.directory.servicePrincipals[principalId] = {
    id: principalId,
    appId: clientId,
    type: 'ManagedIdentity',
    createdAt: simulator.now(),
    body: {
      displayName: of.displayName,
      alternativeNames: [`isExplicit=${of.explicit ? 'True' : 'False'}`, of.resourceId],
    },
    directoryRights: [],
    managedIdentityId: of.resourceId,
  }
  return { principalId, clientId, tenantId: simulator.state.tenant.id }
}

/** Its role assignments stay, as orphans. */
export function deletePrincipal(simulator: Simulator, principalId: unknown): void {
  delete simulator.state.directory.servicePrincipals[String(principalId)]
}
