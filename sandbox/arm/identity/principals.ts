import { randomUUID } from 'node:crypto'
import type { Simulator } from '../../simulator.ts'

/** Adds the service principal of a managed identity to the directory. `explicit`: of a user-assigned one. */
export function addPrincipal(
  simulator: Simulator,
  { displayName, resourceId, explicit }: { displayName: string; resourceId: string; explicit: boolean },
): { principalId: string; clientId: string; tenantId: string } {
  const [principalId, clientId] = [randomUUID(), randomUUID()]
  simulator.state.directory.servicePrincipals[principalId] = {
    id: principalId,
    appId: clientId,
    type: 'ManagedIdentity',
    createdAt: simulator.now(),
    body: {
      displayName,
      alternativeNames: [`isExplicit=${explicit ? 'True' : 'False'}`, resourceId],
    },
    directoryRights: [],
    managedIdentityId: resourceId,
  }
  return { principalId, clientId, tenantId: simulator.state.tenant.id }
}

/** Deletes the service principal; its role assignments stay, as in Azure. */
export function deletePrincipal(simulator: Simulator, principalId: unknown): void {
  delete simulator.state.directory.servicePrincipals[String(principalId)]
}
