import type { Resource } from '../arm/state.ts'
import { allowedAddresses, hasPublicAccess } from '../network-rules.ts'
import { ownProperty } from '../own-property.ts'
import type { Simulator } from '../simulator.ts'
import type { VaultCollection, VaultData } from './state.ts'

/** A vault as its data plane sees it: properties of the ARM resource, and its secrets. */
export interface Vault {
  /** ARM resource ID. */
  id: string
  name: string
  location: string
  /** `https://shop.vault.localhost:8443` */
  address: string
  tenantId: string
  rbac: boolean
  retentionDays: number
  purgeProtected: boolean
  publicAccess: boolean
  /** Addresses and ranges that the firewall allows; `undefined` if it is off. */
  allowedAddresses: string[] | undefined
  policies: {
    tenantId?: string
    objectId?: string
    applicationId?: string
    permissions?: Partial<Record<VaultCollection, string[]>>
  }[]
  data: VaultData
}

const isVault = ({ body }: Resource, name: string) =>
  body.type.toLowerCase() === 'microsoft.keyvault/vaults' && body.name.toLowerCase() === name

/**
 * Finds a vault by its lower-case name. `unknown`: its host name does not resolve (yet). `deleted`: it is soft-deleted,
 * and still has its host name.
 */
export function findVault(simulator: Simulator, name: string): Vault | 'unknown' | 'deleted' {
  const { resources, deletedVaults } = simulator.state.arm
  const found = Object.values(resources).find((each) => isVault(each, name))
  if (!found)
    return Object.values(deletedVaults).some(({ vault }) => isVault(vault, name)) ? 'deleted' : 'unknown'
  if (simulator.isPending(found.createdAt, 'vaultDns')) return 'unknown'
  const data = ownProperty(simulator.state.vaults, name) ?? { secrets: {} }
  simulator.state.vaults[name] = data
  const { properties } = found.body
  return {
    id: found.body.id,
    name: found.body.name,
    location: String(found.body.location ?? ''),
    address: `https://${name}.${simulator.addresses.vaultSuffix}`,
    tenantId: String(properties.tenantId ?? simulator.state.tenant.id),
    rbac: properties.enableRbacAuthorization === true,
    retentionDays: Number(properties.softDeleteRetentionInDays ?? 90),
    purgeProtected: properties.enablePurgeProtection === true,
    publicAccess: hasPublicAccess(properties),
    allowedAddresses: allowedAddresses(properties.networkAcls),
    policies: (properties.accessPolicies ?? []) as Vault['policies'],
    data,
  }
}
