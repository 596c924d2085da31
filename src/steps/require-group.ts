import { ActionRequiredError } from '../base/action-required.ts'
import { az, instruction } from '../base/command.ts'
import type { Groups } from '../clients/groups.ts'

/** Throws if a resource group other than the main one does not exist: wi-setup only creates the main one. */
export async function requireGroup(
  groups: Groups,
  { main, other, flag }: { main: string; other: string; flag: string },
): Promise<void> {
  if (other.toLowerCase() === main.toLowerCase() || (await groups.get(other))) return
  throw new ActionRequiredError(
    `The resource group ${other} does not exist`,
    instruction`Create it with ${az('group create', { name: other, location: '…' })}, or remove ${flag}`,
  )
}
