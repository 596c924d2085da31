import { lazy } from '../lazy.ts'
import type { Locks } from '../locks.ts'
import type { ArmContext } from './arm-context.ts'
import { listAllPages } from './list-all-pages.ts'

interface SdkLock {
  id: string
  name: string
  properties: { level: 'CanNotDelete' | 'ReadOnly' }
}

const suffix = /\/providers\/Microsoft\.Authorization\/locks\/[^/]+$/i

export function makeLocks(arm: ArmContext): Locks {
  const client = lazy(async () => {
    const { AuthorizationManagementClient } = await import('@azure/arm-authorization')
    return new AuthorizationManagementClient(arm.credential, arm.subscription(), arm.options)
  })
  return {
    inSubscription: (subscription) =>
      arm.guard(async () => {
        const url = `/subscriptions/${subscription}/providers/Microsoft.Authorization/locks?api-version=2020-05-01`
        const all = await listAllPages<SdkLock>(arm, await client(), url)
        return all.map(({ id, name, properties: { level } }) => ({
          id,
          name,
          level,
          scope: id.replace(suffix, ''),
        }))
      }),
  }
}
