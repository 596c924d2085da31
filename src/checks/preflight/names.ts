import { az, withFlag } from '../../base/command.ts'
import { findVault, subscriptionOfVault } from '../../clients/find-vault.ts'
import { check, fail, pass } from '../../engine/check.ts'
import { suggestVault, usesVault } from '../../settings/table.ts'
import { inOtherSubscription } from '../../steps/groups.ts'
import { existingResources } from './existing-resources.ts'

export const vaultNameNotReserved = check()({
  code: 'WI505',
  title: "No soft-deleted vault in another resource group reserves the vault's name",
  link: 'caller',
  uses: ['vault', 'vaultResourceGroup', 'subscription'],
  excludedWhen: (settings) => !usesVault(settings),
  needs: { existing: existingResources },
  async run({ settings, existing, vaults, command }) {
    if (existing.vault) return pass(true as const, 'it exists')
    const deleted = await vaults.deleted(settings.vault)
    const group = /\/resourcegroups\/([^/]+)\//i.exec(deleted?.vaultId ?? '')?.[1]
    if (!deleted || group?.toLowerCase() === settings.vaultResourceGroup.toLowerCase())
      return pass(true as const, deleted && 'the deleted vault will be recovered')
    if (deleted.purgeProtected)
      return fail({
        detail: `A soft-deleted vault in resource group ${group} reserves the name ${settings.vault}, and can't be purged because of purge protection`,
        is: `deleted on ${deleted.deletionDate.slice(0, 10)}`,
        should: 'available',
        remedy: withFlag(command(''), '--vault', suggestVault(settings.subscription, settings.vault)),
      })
    return fail({
      detail: `A soft-deleted vault in resource group ${group} reserves the name ${settings.vault} until it is purged`,
      is: `deleted on ${deleted.deletionDate.slice(0, 10)}`,
      should: 'available',
      remedy: az('keyvault purge', { name: settings.vault }),
    })
  },
})

export const vaultNameAvailable = check()({
  code: 'WI805',
  title: "The vault's name is available, or the vault is in the configured group",
  link: 'caller',
  uses: ['vault', 'vaultResourceGroup', 'vaultSubscription', 'subscription'],
  excludedWhen: (settings) => !usesVault(settings),
  needs: { existing: existingResources, deleted: vaultNameNotReserved },
  async run(ctx) {
    const { settings, existing, vaults, command } = ctx
    if (existing.vault || (await vaults.deleted(settings.vault))) return pass(true as const)
    const taken = await vaults.nameTaken(settings.vault)
    if (taken === undefined) return pass(true as const)
    const own = await findVault(ctx, settings.vault)
    const where = inOtherSubscription(
      { subscription: settings.vaultSubscription },
      own && subscriptionOfVault(own),
    )
    return own
      ? fail({
          detail: `The vault ${own.name} already exists in resource group ${own.group}${where}`,
          is: `${own.group}${where}`,
          should: settings.vaultResourceGroup,
          remedy: withFlag(
            withFlag(command(''), '--vault-resource-group', own.group),
            '--vault-subscription',
            subscriptionOfVault(own),
          ),
        })
      : fail({
          detail: `The vault name ${settings.vault} is taken by another Azure customer; vault names are globally unique`,
          is: 'taken',
          should: 'available',
          remedy: withFlag(command(''), '--vault', suggestVault(settings.subscription, settings.vault)),
        })
  },
})

/** Regions without federated credentials for managed identities (learn.microsoft.com, 2024). */
const unsupportedRegions = ['malaysiasouth', 'newzealandnorth']

export const regionSupported = check()({
  code: 'WI401',
  title: 'The region supports federated credentials for managed identities',
  link: 'caller',
  uses: ['location', 'resourceGroup', 'identityKind'],
  needs: { existing: existingResources },
  excludedWhen: ({ identityKind }) => identityKind !== 'managed',
  async run({ settings, existing, command }) {
    const location = (existing.group?.location ?? settings.location).toLowerCase().replaceAll(' ', '')
    if (existing.identity || !unsupportedRegions.includes(location)) return pass(true as const, location)
    return fail({
      detail: `Azure doesn't support federated credentials for managed identities in ${location} (MethodNotAllowed)`,
      is: location,
      should: 'another region, or an app registration',
      remedy: withFlag(command(''), '--identity-kind', 'app'),
    })
  },
})
