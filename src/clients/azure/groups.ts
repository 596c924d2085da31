import type { ResourceGroup } from '@azure/arm-resources'
import { undefinedIfNotFound } from '../errors.ts'
import type { Group, Groups } from '../groups.ts'
import { lazy } from '../lazy.ts'
import { type ArmContext, collect } from './arm-context.ts'

const read = (of: ResourceGroup): Group => ({
  id: of.id ?? '',
  name: of.name ?? '',
  location: of.location,
  tags: of.tags ?? {},
  state: of.properties?.provisioningState ?? '',
})

export function makeGroups(arm: ArmContext): Groups {
  const client = lazy(async () => {
    const { ResourceManagementClient } = await import('@azure/arm-resources')
    return new ResourceManagementClient(arm.credential, arm.subscription(), arm.options)
  })
  const groups = async () => (await client()).resourceGroups
  return {
    get: (name) =>
      undefinedIfNotFound(arm.guard(async () => read(await (await groups()).get(name, arm.call)))),
    list: () => arm.guard(async () => collect((await groups()).list(arm.call), read)),
    put: (name, of) =>
      arm.guard(async () => {
        await (await groups()).createOrUpdate(name, of, arm.call)
      }),
    resources: (name) =>
      arm.guard(async () =>
        collect((await client()).resources.listByResourceGroup(name, arm.call), (each) => ({
          id: each.id ?? '',
          type: each.type ?? '',
          name: each.name ?? '',
        })),
      ),
    remove: async (name) => {
      await undefinedIfNotFound(arm.guard(async () => (await groups()).beginDeleteAndWait(name, arm.call)))
    },
  }
}
