import { ActionRequiredError } from '../base/action-required.ts'
import { az, instruction, option } from '../base/command.ts'
import { equalsIgnoreCase } from '../clients/azure/resource-id.ts'
import { findVault, subscriptionOfVault } from '../clients/find-vault.ts'
import type { DeletedVault, Vault, Vaults } from '../clients/vaults.ts'
import {
  absent,
  compared,
  hasOwnershipTag,
  nothingToRemove,
  notManaged,
  ownershipTag,
  removable,
  retained,
  step,
} from '../engine/step.ts'
import type { Settings } from '../settings/settings.ts'
import { type GroupRef, inOtherSubscription, isSameGroup, mainGroup, vaultGroup } from './groups.ts'
import { retainedBecauseOf } from './other-owners.ts'
import { providers } from './providers.ts'
import { requireGroup } from './require-group.ts'
import { resourceGroup } from './resource-group.ts'

const inspectionOf = (found: Vault) =>
  compared(
    found,
    hasOwnershipTag(found.tags),
    [!found.ready && { field: 'state', is: 'RegisteringDns', want: 'Succeeded' }],
    found.access === 'rbac' ? 'Azure RBAC' : 'access policies',
  )

/** Returns the flags that name the vault's resource group, and its subscription unless that is set already. */
const placeFlags = ({ group, subscription }: GroupRef, settings: Pick<Settings, 'vaultSubscription'>) => [
  ...option('--vault-resource-group', group),
  ...(equalsIgnoreCase(subscription, settings.vaultSubscription)
    ? []
    : option('--vault-subscription', subscription)),
]

/** The Key Vault. An existing one keeps its permission model and its firewall. */
export const vault = step<Vault>()({
  id: 'vault',
  title: 'vault',
  command: 'vault',
  uses: [
    'subscription',
    'resourceGroup',
    'vaultResourceGroup',
    'vaultSubscription',
    'vault',
    'vaultAccess',
    'tenant',
  ],
  needs: { providers, group: resourceGroup },
  usualDuration: 'about 30 s',
  waitingFor: 'for its DNS name to resolve',
  label: (settings) => settings.vault,
  actionsToApply: (settings) => [{ action: 'Microsoft.KeyVault/vaults/write', ...vaultGroup(settings) }],
  newResource: (settings, { group }) => ({
    type: 'Microsoft.KeyVault/vaults',
    name: settings.vault,
    apiVersion: '2025-05-01',
    ...vaultGroup(settings),
    location: group.location,
    tags: ownershipTag,
    properties: { enableRbacAuthorization: settings.vaultAccess === 'rbac', publicNetworkAccess: 'Enabled' },
  }),
  async inspect(ctx) {
    const { settings, vaults } = ctx
    const found = await vaults.get(settings.vaultResourceGroup, settings.vault)
    if (found) return inspectionOf(found)
    await requireGroup(ctx, vaultGroup(settings), '--vault-resource-group')
    const how = settings.vaultAccess === 'rbac' ? 'Azure RBAC' : 'access policies'
    const deleted = await vaults.deleted(settings.vault)
    if (deleted) {
      const group = groupOf(deleted)
      if (group?.toLowerCase() !== settings.vaultResourceGroup.toLowerCase())
        throw new ActionRequiredError(
          `The vault name ${settings.vault} is reserved by a soft-deleted vault of the resource group ${group}`,
          deleted.purgeProtected
            ? `Choose another name with --vault; its purge protection keeps that vault`
            : instruction`Choose another name with --vault, or purge that vault: ${az('keyvault purge', { name: settings.vault })}`,
        )
      return absent(`recovers the vault deleted on ${deleted.deletionDate.slice(0, 10)}, with its secrets`)
    }
    const taken = await vaults.nameTaken(settings.vault)
    if (taken !== undefined) {
      const existing = await findVault(ctx, settings.vault)
      const place = existing && { subscription: subscriptionOfVault(existing), group: existing.group }
      // In the same group: it was created between the two reads.
      if (place && isSameGroup(place, vaultGroup(settings))) return inspectionOf(existing)
      throw place
        ? new ActionRequiredError(
            `The vault ${existing.name} is in the resource group ${place.group}${inOtherSubscription({ subscription: settings.vaultSubscription }, place.subscription)}`,
            instruction`Pass ${{ args: placeFlags(place, settings) }}, or choose another name with --vault`,
          )
        : new ActionRequiredError(
            `The vault name ${settings.vault} is in use outside your subscriptions; vault names are unique across Azure`,
            'Choose another name with --vault',
          )
    }
    return absent(how)
  },
  async apply({ settings, vaults, group }, found) {
    if (found.state !== 'absent') return
    const deleted = await vaults.deleted(settings.vault)
    if (deleted) return vaults.recover(settings.vaultResourceGroup, deleted, settings.tenant)
    await vaults.create(settings.vaultResourceGroup, settings.vault, {
      location: group.location,
      tenantId: settings.tenant,
      access: settings.vaultAccess,
      tags: ownershipTag,
    })
  },
  cascades: true,
  confirmedByName: ({ purge }) => purge,
  within: (settings) => (isSameGroup(mainGroup(settings), vaultGroup(settings)) ? 'group' : undefined),
  actionsToRemove: (settings) => [{ action: 'Microsoft.KeyVault/vaults/delete', ...vaultGroup(settings) }],
  async removability({ settings, vaults, purge }) {
    const { vault: name, vaultResourceGroup: group } = settings
    const found = await vaults.get(group, name)
    if (!found) {
      const deleted = purge ? await findOwnedDeleted(vaults, settings) : undefined
      if (deleted?.purgeProtected)
        return { ...retained({}, 'the soft-deleted vault has purge protection'), detached: true }
      return deleted
        ? removable({}, 'permanently deletes the soft-deleted vault, with its secrets')
        : nothingToRemove
    }
    if (!hasOwnershipTag(found.tags)) return retained(found, notManaged)
    const others = (await vaults.contents(group, name)).filter(
      (each) => each.kind !== 'secret' || each.name.toLowerCase() !== settings.secret.toLowerCase(),
    )
    if (others.length)
      return retained(found, retainedBecauseOf(others.map(({ kind, name }) => `${kind} ${name}`)))
    return removable(
      found,
      purge
        ? 'permanently, with its secret'
        : `can be recovered with its secret for ${found.retentionDays} days`,
    )
  },
  async remove({ settings, vaults, purge }) {
    await vaults.remove(settings.vaultResourceGroup, settings.vault)
    const deleted = purge ? await findOwnedDeleted(vaults, settings) : undefined
    if (deleted && !deleted.purgeProtected) await vaults.purge(deleted)
  },
})

/** Returns the soft-deleted vault of this name, if wi-setup created it in this resource group. */
async function findOwnedDeleted(
  vaults: Vaults,
  { vault, vaultResourceGroup }: Pick<Settings, 'vault' | 'vaultResourceGroup'>,
): Promise<DeletedVault | undefined> {
  const deleted = await vaults.deleted(vault)
  return deleted &&
    hasOwnershipTag(deleted.tags) &&
    groupOf(deleted)?.toLowerCase() === vaultResourceGroup.toLowerCase()
    ? deleted
    : undefined
}

const groupOf = ({ vaultId }: DeletedVault) => /\/resourcegroups\/([^/]+)\//i.exec(vaultId)?.[1]
