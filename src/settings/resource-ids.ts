import { UsageError } from '../base/usage-error.ts'
import { equalsIgnoreCase, parseResourceId } from '../clients/azure/resource-id.ts'
import type { KnownSettings, SettingName, Settings, Source } from './settings.ts'
import { flagOf } from './table.ts'

type PartName = 'cluster' | 'identity' | 'vault'

/** The settings that a part's resource ID also decides. */
const groupOf = {
  cluster: 'clusterResourceGroup',
  identity: 'identityResourceGroup',
  vault: 'vaultResourceGroup',
} as const
export const subscriptionOf = {
  cluster: 'clusterSubscription',
  identity: 'identitySubscription',
  vault: 'vaultSubscription',
} as const

/** The parts of a set-up that may be in other subscriptions. */
export const partNames: readonly PartName[] = ['cluster', 'vault', 'identity']

const strongestFirst: readonly Source[] = ['asked', 'flag', 'environment', 'file', 'found', 'default']

/**
 * Replaces the resource IDs of cluster, identity and vault by their names, resource groups and subscriptions. If no main
 * resource group is set, uses the cluster's or else the vault's. Throws a `UsageError` if another setting contradicts an ID.
 */
export function expandResourceIds(known: KnownSettings): void {
  for (const part of partNames) {
    const entry = known[part]
    if (!entry?.value.startsWith('/')) continue
    const { subscription, group, path } = parseResourceId(entry.value)
    const set = <Name extends SettingName>(name: Name, value: Settings[Name]) => {
      requireAgreement(known, part, name, String(value))
      Object.assign(known, { [name]: { ...entry, value } })
    }
    set(subscriptionOf[part], subscription)
    set(groupOf[part], group!)
    if (part === 'identity') set('identityKind', 'managed')
    Object.assign(known, { [part]: { ...entry, value: path.at(-1)!.name } })
    // New resources don't go to where the identity is.
    if (part === 'identity' || known.resourceGroup) continue
    if (known.subscription && !equalsIgnoreCase(known.subscription.value, subscription)) continue
    Object.assign(known, {
      resourceGroup: { ...entry, value: group },
      subscription: known.subscription ?? { ...entry, value: subscription },
    })
  }
}

/** A weaker source, such as the file, gives way to the ID. */
function requireAgreement(known: KnownSettings, part: PartName, name: SettingName, value: string): void {
  const [entry, other] = [known[part]!, known[name]]
  if (!other || equalsIgnoreCase(String(other.value), value)) return
  if (strongestFirst.indexOf(entry.source) < strongestFirst.indexOf(other.source)) return
  throw new UsageError(
    `${flagOf(part)} is the resource ID ${entry.value}, but ${flagOf(name)} is ${JSON.stringify(other.value)}\n  leave out ${flagOf(name)}, or set it to ${value}`,
  )
}
