import { lazily } from '../lazily.ts'
import type { Providers } from '../providers.ts'
import type { Arm } from './arm.ts'

export function makeProviders(arm: Arm): Providers {
  const providers = lazily(async () => {
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
