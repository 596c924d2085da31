import { parseResourceId } from '../clients/azure/resource-id.ts'
import type { Settings } from '../settings/settings.ts'

/** A resource group and its subscription. */
export interface GroupRef {
  subscription: string
  group: string
}

export const mainGroup = (settings: Pick<Settings, 'subscription' | 'resourceGroup'>): GroupRef => ({
  subscription: settings.subscription,
  group: settings.resourceGroup,
})

export const clusterGroup = (
  settings: Pick<Settings, 'clusterSubscription' | 'clusterResourceGroup'>,
): GroupRef => ({ subscription: settings.clusterSubscription, group: settings.clusterResourceGroup })

export const identityGroup = (
  settings: Pick<Settings, 'identitySubscription' | 'identityResourceGroup'>,
): GroupRef => ({ subscription: settings.identitySubscription, group: settings.identityResourceGroup })

export const vaultGroup = (
  settings: Pick<Settings, 'vaultSubscription' | 'vaultResourceGroup'>,
): GroupRef => ({
  subscription: settings.vaultSubscription,
  group: settings.vaultResourceGroup,
})

/** Returns the resource group and the subscription of a resource. */
export function placeOf(resourceId: string): GroupRef {
  const { subscription, group = '' } = parseResourceId(resourceId)
  return { subscription, group }
}

/** IDs and names of Azure compare case-insensitively. */
export const isSameGroup = (one: GroupRef, other: GroupRef): boolean =>
  one.subscription.toLowerCase() === other.subscription.toLowerCase() &&
  one.group.toLowerCase() === other.group.toLowerCase()

/** Returns ` in subscription <id>` for any but the main one. */
export const inOtherSubscription = (
  { subscription }: Pick<Settings, 'subscription'>,
  id: string | undefined,
): string =>
  id === undefined || id.toLowerCase() === subscription.toLowerCase() ? '' : ` in subscription ${id}`
