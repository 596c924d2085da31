import type { ResourceGroup } from '@azure/arm-resources'
import { undefinedIfNotFound } from '../errors.ts'
import type { Group, Groups } from '../groups.ts'
import { lazy } from '../lazy.ts'
import { type ArmContext, collect } from './arm-context.ts'

const toGroup = ({ id = '', name = '', location, tags, properties }: ResourceGroup): Group => ({
  id,
  name,
  location,
  tags: tags ?? {},
  state: properties?.provisioningState ?? '',
})

export function makeGroups(arm: ArmContext): Groups {
  const client = lazy(async () => {
    const { ResourceManagementClient } = await import('@azure/arm-resources')
    return new ResourceManagementClient(arm.credential, arm.subscription(), arm.options)
  })
  const groups = async () => (await client()).resourceGroups
  return {
    get: (name) =>
      undefinedIfNotFound(arm.guard(async () => toGroup(await (await groups()).get(name, arm.call)))),
    list: () => arm.guard(async () => collect((await groups()).list(arm.call), toGroup)),
    put: (name, options) =>
      arm.guard(async () => {
        await (await groups()).createOrUpdate(name, options, arm.call)
      }),
    resources: (name) =>
      arm.guard(async () =>
        collect(
          (await client()).resources.listByResourceGroup(name, arm.call),
          ({ id = '', type = '', name = '' }) => ({ id, type, name }),
        ),
      ),
    remove: async (name) => {
      await undefinedIfNotFound(arm.guard(async () => (await groups()).beginDeleteAndWait(name, arm.call)))
    },
  }
}
