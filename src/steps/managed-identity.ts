import { ActionRequiredError } from '../base/action-required.ts'
import { parseResourceId } from '../clients/azure/resource-id.ts'
import type { Identities, ManagedIdentity } from '../clients/identities.ts'
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
import type { Settings } from '../settings/settings.ts'
import { revokeEarlierAccess } from './grants.ts'
import { identityGroup, isSameGroup, mainGroup } from './groups.ts'
import type { Identity } from './identity.ts'
import { providers } from './providers.ts'
import { requireGroup } from './require-group.ts'
import { resourceGroup } from './resource-group.ts'

export const toManagedIdentity = ({ id, name, group, clientId, principalId }: ManagedIdentity): Identity => ({
  kind: 'managed',
  ref: name,
  group,
  subscription: parseResourceId(id).subscription,
  clientId,
  principalId,
})

/** A user-assigned managed identity in the resource group. */
export const managedIdentity = step<Identity>()({
  id: 'identity',
  title: 'managed identity',
  command: 'identity',
  uses: ['identity', 'identityResourceGroup', 'identitySubscription', 'resourceGroup', 'subscription'],
  needs: { providers, group: resourceGroup },
  label: (settings) => settings.identity,
  actionsToApply: (settings) => [
    { action: 'Microsoft.ManagedIdentity/userAssignedIdentities/write', ...identityGroup(settings) },
  ],
  newResource: (settings, { group }) => ({
    type: 'Microsoft.ManagedIdentity/userAssignedIdentities',
    name: settings.identity,
    apiVersion: '2024-11-30',
    ...identityGroup(settings),
    location: group.location,
    tags: ownershipTag,
  }),
  async inspect(ctx) {
    const { settings, identities, group } = ctx
    const own = identityGroup(settings)
    const isInMain = isSameGroup(own, mainGroup(settings))
    const found = group.id || !isInMain ? await identities.get(own.group, settings.identity) : undefined
    if (!found) {
      await requireGroup(ctx, own, '--identity-resource-group')
      await requireUnambiguousName(identities, settings)
      return absent()
    }
    return {
      state: 'ready',
      out: toManagedIdentity(found),
      owned: hasOwnershipTag(found.tags),
    }
  },
  apply: ({ settings, identities, group }) =>
    identities.put(settings.identityResourceGroup, settings.identity, {
      location: group.location,
      tags: ownershipTag,
    }),
  cascades: true,
  within: (settings) => (isSameGroup(mainGroup(settings), identityGroup(settings)) ? 'group' : undefined),
  actionsToRemove: (settings) => [
    { action: 'Microsoft.ManagedIdentity/userAssignedIdentities/delete', ...identityGroup(settings) },
  ],
  async removability({ settings, identities }) {
    const found = await identities.get(settings.identityResourceGroup, settings.identity)
    if (!found) return nothingToRemove
    const out = toManagedIdentity(found)
    return hasOwnershipTag(found.tags)
      ? removable(out, 'permanently: a new one gets another client ID')
      : retained(out, notManaged)
  },
  async remove({ settings, identities, roles }, { principalId }) {
    // A deleted identity would leave its role assignments behind, without a name.
    if (principalId) await revokeEarlierAccess({ roles }, settings.vaultSubscription, principalId)
    await identities.remove(settings.identityResourceGroup, settings.identity)
  },
})

/** Throws if someone else's identity of the same name is in another resource group: probably that one is meant. */
async function requireUnambiguousName(
  identities: Identities,
  { identity }: Pick<Settings, 'identity'>,
): Promise<void> {
  const namesake = (await identities.list()).find(
    ({ name, tags }) => name.toLowerCase() === identity.toLowerCase() && !hasOwnershipTag(tags),
  )
  if (!namesake) return
  const { group } = namesake
  throw new ActionRequiredError(
    `A managed identity ${namesake.name} exists in the resource group ${group}`,
    `To use it, set --identity-resource-group ${group}; to create another one, choose a different name with --identity`,
  )
}
