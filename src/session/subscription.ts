import { UsageError } from '../base/usage-error.ts'
import type { Subscription } from '../clients/account.ts'
import { partNames, subscriptionOf } from '../settings/resource-ids.ts'
import { isGuid } from '../settings/rules.ts'
import type { KnownSettings, SettingName, Settings } from '../settings/settings.ts'
import { flagOf } from '../settings/table.ts'

export interface SubscriptionChoice {
  /** Those of the caller; empty if they didn't have to be listed. */
  subscriptions: Subscription[]
  found: Partial<Settings>
}

/**
 * Finds the subscription by ID, by name, or as the only one, and its tenant. Replaces names in `known` by IDs, also those
 * of the parts' subscriptions. Finds none if there are several and the user named none. Throws a `UsageError` for one
 * that isn't the caller's.
 */
export async function findSubscription(
  known: KnownSettings,
  listAll: () => Promise<Subscription[]>,
): Promise<SubscriptionChoice> {
  const requested = known.subscription?.value
  const named = namedSubscriptions(known)
  const isComplete = isGuid(requested ?? '') && known.tenant && isGuid(known.tenant.value)
  if (requested !== undefined && isComplete && !named.length)
    return { subscriptions: [], found: { subscription: requested } }
  const subscriptions = (await listAll()).filter(({ state }) => state !== 'Disabled' && state !== 'Deleted')
  if (subscriptions.length === 0)
    throw new UsageError(
      'The account you are signed in with has no Azure subscription\n  sign in with another account (az login), or set --tenant',
    )
  for (const name of named)
    known[name] = { ...known[name]!, value: matchSubscription(name, known[name]!.value, subscriptions).id }
  if (requested === undefined) {
    const [only] = subscriptions
    return {
      subscriptions,
      found: subscriptions.length === 1 ? { subscription: only!.id, tenant: only!.tenantId } : {},
    }
  }
  const subscription = matchSubscription('subscription', requested, subscriptions)
  useTenantOf(subscription, known)
  known.subscription = { ...known.subscription!, value: subscription.id }
  return { subscriptions, found: { subscription: subscription.id, tenant: subscription.tenantId } }
}

/** Returns the parts' subscriptions that are known by name only. */
export const namedSubscriptions = (known: KnownSettings) =>
  partNames
    .map((part) => subscriptionOf[part])
    .filter((name) => known[name] !== undefined && !isGuid(known[name].value))

function matchSubscription(
  setting: SettingName,
  requested: string,
  subscriptions: readonly Subscription[],
): Subscription {
  const matches = subscriptions.filter(
    ({ id, name }) => id.toLowerCase() === requested.toLowerCase() || name === requested,
  )
  if (matches.length === 1) return matches[0]!
  const list = subscriptions.map(({ id, name }) => `  ${id}  ${name}`).join('\n')
  const fault = matches.length ? 'is the name of several subscriptions' : 'is not one of your subscriptions'
  throw new UsageError(`${flagOf(setting)} ${JSON.stringify(requested)} ${fault}\n\n${list}`)
}

function useTenantOf({ name, tenantId }: Subscription, known: KnownSettings): void {
  if (!known.tenant) return
  const { value } = known.tenant
  if (isGuid(value) && value.toLowerCase() !== tenantId)
    throw new UsageError(
      `--tenant ${JSON.stringify(value)} is not the tenant of the subscription ${name}\n  its tenant is ${tenantId}`,
    )
  known.tenant = { ...known.tenant, value: tenantId }
}
