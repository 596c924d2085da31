import { randomUUID } from 'node:crypto'
import type { Cloud } from '../cloud.ts'

/** Puts the service principal of a managed identity into the directory. */
export function addPrincipal(
  cloud: Cloud,
  of: { displayName: string; resourceId: string; explicit: boolean },
): { principalId: string; clientId: string; tenantId: string } {
  const [principalId, clientId] = [randomUUID(), randomUUID()]
  cloud.world.directory.servicePrincipals[principalId] = {
    id: principalId,
    appId: clientId,
    type: 'ManagedIdentity',
    createdAt: cloud.now(),
    body: {
      displayName: of.displayName,
      alternativeNames: [`isExplicit=${of.explicit ? 'True' : 'False'}`, of.resourceId],
    },
    directoryRights: [],
    managedIdentityId: of.resourceId,
  }
  return { principalId, clientId, tenantId: cloud.world.tenant.id }
}

/** Its role assignments stay, as orphans. */
export function removePrincipal(cloud: Cloud, principalId: unknown): void {
  delete cloud.world.directory.servicePrincipals[String(principalId)]
}
