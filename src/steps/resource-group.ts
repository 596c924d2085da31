import { ActionRequiredError } from '../base/action-required.ts'
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
import { retainedBecauseOf } from './other-owners.ts'
import { creatableAccounts } from './storage-names.ts'

export interface ResourceGroup {
  id: string
  name: string
  location: string
}

export const resourceGroup = step<ResourceGroup>()({
  id: 'resource-group',
  title: 'resource group',
  uses: ['resourceGroup', 'location'],
  needs: {},
  label: (settings) => settings.resourceGroup,
  actionsToApply: () => [{ action: 'Microsoft.Resources/subscriptions/resourceGroups/write' }],
  newResource: (settings) => ({
    type: 'Microsoft.Resources/resourceGroups',
    name: settings.resourceGroup,
    apiVersion: '2021-04-01',
    location: settings.location,
    tags: ownershipTag,
  }),
  async inspect({ settings, groups }) {
    const found = await groups.get(settings.resourceGroup)
    if (!found) return absent(settings.location)
    if (found.state === 'Deleting')
      throw new ActionRequiredError(
        `The resource group ${found.name} is being deleted`,
        'Wait until it is deleted, or choose another with --resource-group',
      )
    return {
      state: 'ready',
      out: { id: found.id, name: found.name, location: found.location },
      owned: hasOwnershipTag(found.tags),
    }
  },
  apply: ({ settings, groups }) =>
    groups.put(settings.resourceGroup, { location: settings.location, tags: ownershipTag }),
  actionsToRemove: () => [{ action: 'Microsoft.Resources/subscriptions/resourceGroups/delete' }],
  async removability({ settings, groups }) {
    const found = await groups.get(settings.resourceGroup)
    if (!found) return nothingToRemove
    const out = { id: found.id, name: found.name, location: found.location }
    if (!hasOwnershipTag(found.tags)) return retained(out, notManaged)
    if (found.state === 'Deleting') return removable(out, 'is being deleted')
    const same = (a: string, b: string | undefined) => a.toLowerCase() === b?.toLowerCase()
    const accounts = creatableAccounts(settings)
    const others = (await groups.resources(settings.resourceGroup)).filter(
      ({ type, name }) =>
        !(
          (/\/managedClusters$/i.test(type) && same(name, settings.cluster)) ||
          (/\/vaults$/i.test(type) && same(name, settings.vault)) ||
          (/\/userAssignedIdentities$/i.test(type) && same(name, settings.identity)) ||
          (/\/storageAccounts$/i.test(type) && accounts.some((each) => same(name, each)))
        ),
    )
    if (others.length) return retained(out, retainedBecauseOf(others.map(({ name }) => name)))
    return removable(out)
  },
  remove: ({ settings, groups }) => groups.remove(settings.resourceGroup),
})
