import { registryTypeName } from '../arm/containerregistry/registries.ts'
import type { Resource } from '../arm/state.ts'
import { findAccount } from '../data-plane.ts'
import { ownOrNew } from '../own-property.ts'
import type { Simulator } from '../simulator.ts'
import type { Repository } from './state.ts'

/** A registry as its data plane sees it. */
export interface Registry {
  id: string
  /** `shop.azurecr.localhost:8443` */
  loginServer: string
  /** Only repository permissions count, not those of the registry. */
  abac: boolean
  acceptsArmTokens: boolean
  properties: Resource['body']['properties']
  repositories: Record<string, Repository>
}

interface RegistryProperties {
  loginServer?: string
  roleAssignmentMode?: string
  policies?: { azureADAuthenticationAsArmPolicy?: { status?: string } }
}

export function findRegistry(simulator: Simulator, name: string): Registry | undefined {
  const found = findAccount(simulator, registryTypeName, name)
  if (!found) return undefined
  const properties: RegistryProperties = found.body.properties
  return {
    id: found.body.id,
    loginServer: properties.loginServer!,
    abac: properties.roleAssignmentMode === 'AbacRepositoryPermissions',
    acceptsArmTokens: properties.policies?.azureADAuthenticationAsArmPolicy?.status !== 'disabled',
    properties: found.body.properties,
    repositories: ownOrNew(simulator.state.acr, name, () => ({})),
  }
}
