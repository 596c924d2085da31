import { absent, isMarked, mark, step } from '../engine/step.ts'
import { Refusal } from '../refusal.ts'

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
      throw new Refusal(
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
  remove: ({ settings, groups }) => groups.remove(settings.resourceGroup),
})
