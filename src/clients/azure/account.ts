import type { Location, Subscription as SdkSubscription } from '@azure/arm-resources-subscriptions'
import type { Account, Caller, Subscription } from '../account.ts'
import { claimsOf } from '../credential.ts'
import { lazy } from '../lazy.ts'
import { type ArmContext, collect } from './arm-context.ts'
import { listAllPages } from './list-all-pages.ts'

/** A compute quota: `cores` is the region's total, the others are of VM families. */
interface Usage {
  name?: { value?: string }
  limit: number
  currentValue: number
}

const toSubscription = (subscription: SdkSubscription): Subscription => {
  const { subscriptionId: id = '', displayName: name = '', tenantId = '', state = '' } = subscription
  return { id, name, tenantId, state }
}

const toLocation = ({ name = '', displayName = name }: Location) => ({ name, displayName })

function callerOf(token: string): Caller {
  const claims = claimsOf(token) as Record<string, string | undefined>
  const clientId = claims.appid ?? claims.azp ?? ''
  const isApp = claims.idtyp === 'app' || !(claims.upn ?? claims.unique_name ?? claims.scp)
  return {
    name: isApp
      ? (claims.app_displayname ?? clientId)
      : (claims.upn ?? claims.unique_name ?? claims.preferred_username ?? claims.name ?? ''),
    objectId: claims.oid ?? '',
    clientId,
    tenantId: claims.tid ?? '',
    kind: isApp ? 'app' : 'user',
  }
}

async function listKubernetesVersions(arm: ArmContext, location: string) {
  const { ContainerServiceClient } = await import('@azure/arm-containerservice')
  const { managedClusters } = new ContainerServiceClient(arm.credential, arm.subscription(), arm.options)
  const { values = [] } = await managedClusters.listKubernetesVersions(location, arm.call)
  return values
    .filter(
      ({ isPreview, capabilities }) =>
        !isPreview && (capabilities?.supportPlan?.includes('KubernetesOfficial') ?? true),
    )
    .map(({ version = '', isDefault = false }) => ({ version, isDefault }))
    .sort((a, b) => b.version.localeCompare(a.version, 'en', { numeric: true, sensitivity: 'base' }))
}

export function makeAccount(arm: ArmContext): Account {
  const client = lazy(async () => {
    const { SubscriptionClient } = await import('@azure/arm-resources-subscriptions')
    return new SubscriptionClient(arm.credential, arm.options)
  })
  const subscriptions = async () => (await client()).subscriptions
  return {
    subscriptions: () =>
      arm.guard(async () => collect((await subscriptions()).list(arm.call), toSubscription)),

    locations: () =>
      arm.guard(async () => {
        const pages = (await subscriptions()).listLocations(arm.subscription(), arm.call)
        const locations = await collect(pages, (location) => location)
        return locations.filter(({ metadata }) => metadata?.regionType !== 'Logical').map(toLocation)
      }),

    caller: () =>
      arm.guard(async () => {
        const token = await arm.credential.getToken(arm.cloud.armScope, { enableCae: true })
        return callerOf(token?.token ?? '')
      }),

    cores: (location) =>
      arm.guard(async () => {
        const path = `/subscriptions/${arm.subscription()}/providers/Microsoft.Compute/locations/${encodeURIComponent(location)}/usages?api-version=2025-04-01`
        const usages = await listAllPages<Usage>(arm, await client(), path)
        const cores = usages.find(({ name }) => name?.value === 'cores')
        return cores && { limit: cores.limit, used: cores.currentValue }
      }),

    kubernetesVersions: (location) => arm.guard(() => listKubernetesVersions(arm, location)),
  }
}
