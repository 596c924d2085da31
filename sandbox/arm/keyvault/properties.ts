import type { Simulator } from '../../simulator.ts'
import type { Shape } from '../request-body.ts'
import { checkPolicies, normalizePolicy, type Policy } from './access-policies.ts'
import { badRequest } from './bad-request.ts'

export interface VaultProperties extends Record<string, unknown> {
  sku?: { family?: string; name?: string }
  tenantId?: string
  accessPolicies?: Policy[] | null
  createMode?: string
  softDeleteRetentionInDays?: number
  enablePurgeProtection?: boolean | null
  enableRbacAuthorization?: boolean | null
  vaultUri?: string
}

export const vaultShape: Shape = {
  sku: { family: 'string', name: 'string' },
  tenantId: 'string',
  accessPolicies: [
    { tenantId: 'string', objectId: 'string', applicationId: 'string', permissions: { '*': ['string'] } },
  ],
  networkAcls: {
    bypass: 'string',
    defaultAction: 'string',
    ipRules: [{ value: 'string' }],
    virtualNetworkRules: [{ id: 'string' }],
  },
  createMode: 'string',
  publicNetworkAccess: 'string',
  softDeleteRetentionInDays: 'number',
  enablePurgeProtection: 'boolean',
  enableRbacAuthorization: 'boolean',
  enableSoftDelete: 'boolean',
  enabledForDeployment: 'boolean',
  enabledForDiskEncryption: 'boolean',
  enabledForTemplateDeployment: 'boolean',
}

/** Returns the retention of a vault after a write. It can't be changed after the creation. */
const retention = (input: VaultProperties, current?: VaultProperties): number | undefined => {
  const days = input.softDeleteRetentionInDays
  if (current) {
    if (days !== undefined && days !== (current.softDeleteRetentionInDays ?? 90))
      throw badRequest(
        'The property "softDeleteRetentionInDays" has been set already and it can\'t be modified.',
      )
    return current.softDeleteRetentionInDays
  }
  if (days === undefined) return 90
  if (!Number.isInteger(days) || days < 7 || days > 90)
    throw badRequest(
      'The property "softDeleteRetentionInDays" has an invalid value. The value must be between 7 and 90.',
    )
  return days
}

function checkProperties(
  simulator: Simulator,
  input: VaultProperties,
  current: VaultProperties | undefined,
): void {
  const { sku, tenantId } = input
  if (sku?.family?.toUpperCase() !== 'A' || !/^(standard|premium)$/i.test(sku.name ?? ''))
    throw badRequest('The parameter sku is not specified or is invalid.')
  if (tenantId?.toLowerCase() !== simulator.state.tenant.id)
    throw badRequest('An invalid value was provided for tenantId: it must be the tenant of the subscription.')
  if (input.enablePurgeProtection === false)
    throw badRequest(
      'The property "enablePurgeProtection" cannot be set to false. Enabling the purge protection for a vault is an irreversible action.',
    )
  if (input.enableSoftDelete === false && current)
    throw badRequest(
      'The property "enableSoftDelete" can be set to false only for creating new vault. Enabling the \'soft delete\' functionality is an irreversible action.',
    )
}

/** Returns the properties of a vault after a write, with Key Vault's defaults. */
export function vaultProperties(
  simulator: Simulator,
  input: VaultProperties,
  { version, current }: { version: string; current?: VaultProperties },
): VaultProperties {
  checkProperties(simulator, input, current)
  // New vaults use Azure RBAC by default since API version 2026-02-01; an update never changes the model.
  const rbac =
    input.enableRbacAuthorization ??
    (current ? current.enableRbacAuthorization : version >= '2026-02-01' || undefined)
  const policies = input.accessPolicies ?? (rbac ? [] : undefined)
  checkPolicies(policies)
  // Key Vault omits the retention if the request enables soft delete without one.
  const days =
    !current && input.softDeleteRetentionInDays === undefined && input.enableSoftDelete != null
      ? undefined
      : retention(input, current)
  const acls = input.networkAcls ? withAclDefaults(input.networkAcls) : undefined
  const purgeProtection = input.enablePurgeProtection ?? current?.enablePurgeProtection
  return {
    sku: { family: 'A', name: input.sku!.name!.toLowerCase() },
    tenantId: input.tenantId!,
    ...(acls && (current?.networkAcls || !isOpen(acls)) && { networkAcls: acls }),
    accessPolicies: policies!.map(normalizePolicy),
    enabledForDeployment: input.enabledForDeployment ?? false,
    ...(input.enabledForDiskEncryption !== undefined && {
      enabledForDiskEncryption: input.enabledForDiskEncryption,
    }),
    ...(input.enabledForTemplateDeployment !== undefined && {
      enabledForTemplateDeployment: input.enabledForTemplateDeployment,
    }),
    enableSoftDelete: true,
    ...(days !== undefined && { softDeleteRetentionInDays: days }),
    ...(rbac !== undefined && rbac !== null && { enableRbacAuthorization: rbac }),
    ...(purgeProtection && { enablePurgeProtection: true }),
    publicNetworkAccess: input.publicNetworkAccess ?? 'Enabled',
  }
}

/** True for rules that admit everyone; Key Vault does not show them. */
const isOpen = (acls: ReturnType<typeof withAclDefaults>) =>
  acls.defaultAction === 'Allow' && acls.ipRules.length === 0 && acls.virtualNetworkRules.length === 0

/** Returns `networkAcls` with the members that a response always has. */
export const withAclDefaults = (acls: unknown) => ({
  bypass: 'AzureServices',
  defaultAction: 'Allow',
  ipRules: [] as unknown[],
  virtualNetworkRules: [] as unknown[],
  ...(acls as Record<string, never>),
})
