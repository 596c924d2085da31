import { absent, gone, isMarked, kept, mark, notOurs, ours, step } from '../engine/step.ts'
import type { Identity } from './identity.ts'
import { providers } from './providers.ts'
import { resourceGroup } from './resource-group.ts'

/** A user-assigned managed identity in the resource group. */
export const managedIdentity = step<Identity>()({
  id: 'identity',
  title: 'managed identity',
  command: 'identity',
  uses: ['identity', 'resourceGroup'],
  needs: { providers, group: resourceGroup },
  label: (settings) => settings.identity,
  rights: (settings) => [
    { action: 'Microsoft.ManagedIdentity/userAssignedIdentities/write', group: settings.resourceGroup },
  ],
  async inspect({ settings, identities, group }) {
    const found = group.id ? await identities.get(settings.resourceGroup, settings.identity) : undefined
    if (!found) return absent()
    return {
      state: 'ready',
      out: { kind: 'managed', ref: found.name, clientId: found.clientId, principalId: found.principalId },
      owned: isMarked(found.tags),
    }
  },
  apply: ({ settings, identities, group }) =>
    identities.put(settings.resourceGroup, settings.identity, { location: group.location, tags: mark }),
  takesAlong: true,
  within: () => 'group',
  rightsToRemove: ({ resourceGroup: group }) => [
    { action: 'Microsoft.ManagedIdentity/userAssignedIdentities/delete', group },
  ],
  async remains({ settings, identities }) {
    const found = await identities.get(settings.resourceGroup, settings.identity)
    if (!found) return gone
    const { clientId, principalId, name: ref } = found
    const out = { kind: 'managed' as const, ref, clientId, principalId }
    return isMarked(found.tags) ? ours(out, 'for good: a new one has other ids') : kept(out, notOurs)
  },
  remove: ({ settings, identities }) => identities.remove(settings.resourceGroup, settings.identity),
})
