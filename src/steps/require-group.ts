import { ActionRequiredError } from '../base/action-required.ts'
import { az, instruction } from '../base/command.ts'
import type { Clients } from '../clients/clients.ts'
import type { Settings } from '../settings/settings.ts'
import { type GroupRef, inOtherSubscription, isSameGroup, mainGroup } from './groups.ts'

/** Throws if a resource group other than the main one does not exist: wi-setup only creates the main one. */
export async function requireGroup(
  { settings, inSubscription }: MainGroup & Pick<Clients, 'inSubscription'>,
  other: GroupRef,
  flag: string,
): Promise<void> {
  const { group: name, subscription } = other
  if (isSameGroup(other, mainGroup(settings)) || (await inSubscription(subscription).groups.get(name))) return
  throw new ActionRequiredError(
    `The resource group ${name} does not exist${inOtherSubscription(settings, subscription)}`,
    instruction`Create it with ${az('group create', { name, location: '…', subscription })}, or remove ${flag}`,
  )
}

type MainGroup = { settings: Pick<Settings, 'subscription' | 'resourceGroup'> }
