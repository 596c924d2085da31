import { lazy } from '../lazy.ts'
import type { Providers } from '../providers.ts'
import type { ArmContext } from './arm-context.ts'

export function makeProviders(arm: ArmContext): Providers {
  const providers = lazy(async () => {
    const { ResourceManagementClient } = await import('@azure/arm-resources')
    return new ResourceManagementClient(arm.credential, arm.subscription(), arm.options).providers
  })
  return {
    state: (namespace) =>
      arm.guard(async () => (await (await providers()).get(namespace, arm.call)).registrationState ?? ''),
    register: (namespace) =>
      arm.guard(async () => {
        await (await providers()).register(namespace, arm.call)
      }),
  }
}
