import { ActionRequiredError } from '../base/action-required.ts'
import type { Groups } from '../clients/groups.ts'

/** Throws `Refusal` for a group besides the main one that is not there: only the main one is made by us. */
export async function requireGroup(
  groups: Groups,
  { main, other, flag }: { main: string; other: string; flag: string },
): Promise<void> {
  if (other.toLowerCase() === main.toLowerCase() || (await groups.get(other))) return
  throw new ActionRequiredError(
    `The resource group ${other} does not exist`,
    `Create it (az group create --name ${other} --location …), or leave ${flag} out`,
  )
}
