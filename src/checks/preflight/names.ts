import { check, fail, pass } from '../../engine/check.ts'
import { suggestVault } from '../../settings/table.ts'
import { withFlag } from '../with-flag.ts'
import { existingResources } from './existing-resources.ts'

export const vaultNameNotReserved = check()({
  code: 'WI505',
  title: "No deleted vault of another group holds the vault's name",
  link: 'caller',
  uses: ['vault', 'vaultResourceGroup'],
  needs: { there: existingResources },
  async run({ settings, there, vaults }) {
    if (there.vault) return pass(true as const, 'it is there already')
    const deleted = await vaults.deleted(settings.vault)
    const group = /\/resourcegroups\/([^/]+)\//i.exec(deleted?.vaultId ?? '')?.[1]
    if (!deleted || group?.toLowerCase() === settings.vaultResourceGroup.toLowerCase())
      return pass(true as const, deleted && 'the deleted one will be recovered')
    return fail({
      detail: `A deleted vault ${settings.vault} of the resource group ${group} holds the name until it is purged`,
      is: `deleted ${deleted.deletionDate.slice(0, 10)}`,
      should: 'free',
      remedy: `az keyvault purge --name ${settings.vault}`,
    })
  },
})

export const vaultNameAvailable = check()({
  code: 'WI805',
  title: "The vault's name is free, or the vault yours",
  link: 'caller',
  uses: ['vault', 'vaultResourceGroup', 'subscription'],
  needs: { there: existingResources, deleted: vaultNameNotReserved },
  async run({ settings, there, vaults, command }) {
    if (there.vault || (await vaults.deleted(settings.vault))) return pass(true as const)
    const taken = await vaults.nameTaken(settings.vault)
    if (taken === undefined) return pass(true as const)
    const mine = (await vaults.list()).find(({ name }) => name.toLowerCase() === settings.vault.toLowerCase())
    return mine
      ? fail({
          detail: `The vault ${mine.name} is in another resource group`,
          is: mine.group,
          should: settings.vaultResourceGroup,
          remedy: withFlag(command(''), '--vault-resource-group', mine.group),
        })
      : fail({
          detail: `The vault name ${settings.vault} is taken by somebody else; names are unique in all of Azure`,
          is: 'taken',
          should: 'free',
          remedy: withFlag(command(''), '--vault', suggestVault(settings.subscription, settings.vault)),
        })
  },
})

/** Where Azure does not offer federated credentials of managed identities; by its documentation of 2024. */
const without = ['malaysiasouth', 'newzealandnorth']

export const regionSupported = check()({
  code: 'WI401',
  title: 'The location has federated credentials for managed identities',
  link: 'caller',
  uses: ['location', 'resourceGroup', 'identityKind'],
  needs: { there: existingResources },
  excludedWhen: ({ identityKind }) => identityKind !== 'managed',
  async run({ settings, there, command }) {
    const location = (there.group?.location ?? settings.location).toLowerCase().replaceAll(' ', '')
    if (there.identity || !without.includes(location)) return pass(true as const, location)
    return fail({
      detail: 'Azure does not offer federated credentials for managed identities there (MethodNotAllowed)',
      is: location,
      should: 'another location, or an app registration',
      remedy: withFlag(command(''), '--identity-kind', 'app'),
    })
  },
})
