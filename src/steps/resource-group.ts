import { ActionRequiredError } from '../base/action-required.ts'
import { absent, gone, isMarked, kept, mark, notOurs, ours, step } from '../engine/step.ts'
import { holdsOthers } from './others.ts'

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
  rights: () => [{ action: 'Microsoft.Resources/subscriptions/resourceGroups/write' }],
  async inspect({ settings, groups }) {
    const found = await groups.get(settings.resourceGroup)
    if (!found) return absent(settings.location)
    if (found.state === 'Deleting')
      throw new ActionRequiredError(
        `The resource group ${found.name} is being deleted`,
        'Wait until it is gone, or name another with --resource-group',
      )
    return {
      state: 'ready',
      out: { id: found.id, name: found.name, location: found.location },
      owned: isMarked(found.tags),
    }
  },
  apply: ({ settings, groups }) =>
    groups.put(settings.resourceGroup, { location: settings.location, tags: mark }),
  rightsToRemove: () => [{ action: 'Microsoft.Resources/subscriptions/resourceGroups/delete' }],
  async remains({ settings, groups }) {
    const found = await groups.get(settings.resourceGroup)
    if (!found) return gone
    const out = { id: found.id, name: found.name, location: found.location }
    if (!isMarked(found.tags)) return kept(out, notOurs)
    if (found.state === 'Deleting') return ours(out, 'is being deleted')
    const same = (a: string, b: string | undefined) => a.toLowerCase() === b?.toLowerCase()
    const others = (await groups.resources(settings.resourceGroup)).filter(
      ({ type, name }) =>
        !(
          (/\/managedClusters$/i.test(type) && same(name, settings.cluster)) ||
          (/\/vaults$/i.test(type) && same(name, settings.vault)) ||
          (/\/userAssignedIdentities$/i.test(type) && same(name, settings.identity))
        ),
    )
    if (others.length) return kept(out, holdsOthers(others.map(({ name }) => name)))
    return ours(out)
  },
  remove: ({ settings, groups }) => groups.remove(settings.resourceGroup),
})
