import type { DeletedVault as SdkDeletedVault, Vault as SdkVault } from '@azure/arm-keyvault'
import type { DeletedVault, Vault, VaultContent } from '../vaults.ts'
import { equalsIgnoreCase, resourceGroupOf } from './resource-id.ts'

export function toVault({ id = '', name = '', location = '', tags, properties }: SdkVault): Vault {
  return {
    id,
    name,
    group: resourceGroupOf(id),
    location,
    tags: tags ?? {},
    uri: properties.vaultUri ?? '',
    tenantId: properties.tenantId,
    // An absent value means access policies, although newer API versions create vaults with Azure RBAC by default.
    access: properties.enableRbacAuthorization ? 'rbac' : 'policy',
    // A policy with an application ID applies only to users of that application.
    policies: (properties.accessPolicies ?? [])
      .filter((policy) => !policy.applicationId)
      .map((policy) => ({
        objectId: policy.objectId,
        secrets: (policy.permissions?.secrets ?? []).map((permission) => permission.toLowerCase()),
      })),
    ready: properties.provisioningState !== 'RegisteringDns',
    publicNetworkAccess: !equalsIgnoreCase(properties.publicNetworkAccess, 'disabled'),
    softDelete: properties.enableSoftDelete !== false,
    purgeProtection: properties.enablePurgeProtection === true,
    retentionDays: properties.softDeleteRetentionInDays ?? 90,
    firewall: properties.networkAcls?.defaultAction === 'Deny' ? 'Deny' : 'Allow',
  }
}

export const toDeletedVault = ({ name = '', properties }: SdkDeletedVault): DeletedVault => ({
  name,
  vaultId: properties?.vaultId ?? '',
  location: properties?.location ?? '',
  deletionDate: properties?.deletionDate?.toISOString() ?? '',
  purgeProtected: properties?.purgeProtectionEnabled ?? false,
  tags: properties?.tags ?? {},
})

export const toContent =
  (kind: VaultContent['kind']) =>
  ({ name = '', tags }: { name?: string; tags?: Record<string, string> }): VaultContent => ({
    kind,
    name,
    tags: tags ?? {},
  })
