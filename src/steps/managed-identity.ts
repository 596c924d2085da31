import type { ManagedIdentity } from '../clients/identities.ts'
import {
  absent,
  hasOwnershipTag,
  nothingToRemove,
  notManaged,
  ownershipTag,
  removable,
  retained,
  step,
} from '../engine/step.ts'
import type { Identity } from './identity.ts'
import { providers } from './providers.ts'
import { resourceGroup } from './resource-group.ts'

export const toManagedIdentity = ({ id, name, clientId, principalId }: ManagedIdentity): Identity => ({
  kind: 'managed',
  ref: name,
  group: id.split('/')[4] ?? '',
  clientId,
  principalId,
})

/** A user-assigned managed identity in the resource group. */
export const managedIdentity = step<Identity>()({
  id: 'identity',
  title: 'managed identity',
  command: 'identity',
  uses: ['identity', 'resourceGroup'],
  needs: { providers, group: resourceGroup },
  label: (settings) => settings.identity,
  actionsToApply: (settings) => [
    { action: 'Microsoft.ManagedIdentity/userAssignedIdentities/write', group: settings.resourceGroup },
  ],
  async inspect({ settings, identities, group }) {
    const found = group.id ? await identities.get(settings.resourceGroup, settings.identity) : undefined
    if (!found) return absent()
    return {
      state: 'ready',
      out: toManagedIdentity(found),
      owned: hasOwnershipTag(found.tags),
    }
  },
  apply: ({ settings, identities, group }) =>
    identities.put(settings.resourceGroup, settings.identity, {
      location: group.location,
      tags: ownershipTag,
    }),
  cascades: true,
  within: () => 'group',
  actionsToRemove: ({ resourceGroup: group }) => [
    { action: 'Microsoft.ManagedIdentity/userAssignedIdentities/delete', group },
  ],
  async removability({ settings, identities }) {
    const found = await identities.get(settings.resourceGroup, settings.identity)
    if (!found) return nothingToRemove
    const out = toManagedIdentity(found)
    return hasOwnershipTag(found.tags)
      ? removable(out, 'permanently: a new one gets another client ID')
      : retained(out, notManaged)
  },
  remove: ({ settings, identities }) => identities.remove(settings.resourceGroup, settings.identity),
})
