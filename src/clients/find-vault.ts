import { equalsIgnoreCase, parseResourceId } from './azure/resource-id.ts'
import type { Clients } from './clients.ts'
import { findInSubscriptions } from './find-in-subscriptions.ts'
import type { Vault } from './vaults.ts'

/** Returns the vault of this name in any of the caller's subscriptions: vault names are unique across Azure. */
export const findVault = (
  clients: Pick<Clients, 'azureAccount' | 'inSubscription' | 'vaults'>,
  name: string,
): Promise<Vault | undefined> =>
  findInSubscriptions(
    clients,
    () => clients.vaults.list(),
    ({ vaults }) => vaults.list(),
    (each) => equalsIgnoreCase(each.name, name),
  )

/** Returns the ID of the vault's subscription. */
export const subscriptionOfVault = ({ id }: Pick<Vault, 'id'>): string => parseResourceId(id).subscription
