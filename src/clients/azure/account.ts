import type { Account } from '../account.ts'
import { claimsOf } from '../credential.ts'
import { lazy } from '../lazy.ts'
import { type ArmContext, collect } from './arm-context.ts'
import { listAllPages } from './list-all-pages.ts'

/** Of a quota: `cores` are all in the region, the others those of a family of sizes. */
interface Usage {
  name?: { value?: string }
  limit: number
  currentValue: number
}

const newestFirst = (one: string, other: string) =>
  other.localeCompare(one, 'en', { numeric: true, sensitivity: 'base' })

export function makeAccount(arm: ArmContext): Account {
  const client = lazy(async () => {
    const { SubscriptionClient } = await import('@azure/arm-resources-subscriptions')
    return new SubscriptionClient(arm.credential, arm.options)
  })
  const subscriptions = async () => (await client()).subscriptions
  return {
    subscriptions: () =>
      arm.guard(async () =>
        collect((await subscriptions()).list(arm.call), (each) => ({
          id: each.subscriptionId ?? '',
          name: each.displayName ?? '',
          tenantId: each.tenantId ?? '',
          state: each.state ?? '',
        })),
      ),

    locations: () =>
      arm.guard(async () => {
        const found = await collect(
          (await subscriptions()).listLocations(arm.subscription(), arm.call),
          (each) => each,
        )
        return found
          .filter((each) => each.metadata?.regionType !== 'Logical')
          .map((each) => ({ name: each.name ?? '', displayName: each.displayName ?? each.name ?? '' }))
      }),

    caller: () =>
      arm.guard(async () => {
        const { token } = (await arm.credential.getToken(arm.cloud.armScope, { enableCae: true })) ?? {
          token: '',
        }
        const claims = claimsOf(token) as Record<string, string | undefined>
        const clientId = claims.appid ?? claims.azp ?? ''
        const kind =
          claims.idtyp === 'app' || !(claims.upn ?? claims.unique_name ?? claims.scp) ? 'app' : 'user'
        return {
          name:
            kind === 'app'
              ? (claims.app_displayname ?? clientId)
              : (claims.upn ?? claims.unique_name ?? claims.preferred_username ?? claims.name ?? ''),
          objectId: claims.oid ?? '',
          clientId,
          tenantId: claims.tid ?? '',
          kind,
        }
      }),

    cores: (location) =>
      arm.guard(async () => {
        const path = `/subscriptions/${arm.subscription()}/providers/Microsoft.Compute/locations/${encodeURIComponent(location)}/usages?api-version=2025-04-01`
        const all = await listAllPages<Usage>(arm, await client(), 'usages', path)
        const found = all.find(({ name }) => name?.value === 'cores')
        return found && { limit: found.limit, used: found.currentValue }
      }),

    kubernetesVersions: (location) =>
      arm.guard(async () => {
        const { ContainerServiceClient } = await import('@azure/arm-containerservice')
        const client = new ContainerServiceClient(arm.credential, arm.subscription(), arm.options)
        const { values = [] } = await client.managedClusters.listKubernetesVersions(location, arm.call)
        return values
          .filter(
            (each) =>
              !each.isPreview && (each.capabilities?.supportPlan?.includes('KubernetesOfficial') ?? true),
          )
          .map((each) => ({ version: each.version ?? '', isDefault: each.isDefault ?? false }))
          .sort((one, other) => newestFirst(one.version, other.version))
      }),
  }
}
