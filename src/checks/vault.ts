import { findVault, subscriptionOfVault } from '../clients/find-vault.ts'
import type { Vault } from '../clients/vaults.ts'
import { check, fail, pass } from '../engine/check.ts'

export const vaultNotDeleted = check<{ vault: Vault | undefined }>()({
  code: 'WI505',
  title: 'The vault is not soft-deleted',
  link: 'vault',
  uses: ['vaultResourceGroup', 'vault'],
  needs: {},
  async run({ settings, vaults, command }) {
    const vault = await vaults.get(settings.vaultResourceGroup, settings.vault)
    const deleted = vault ? undefined : await vaults.deleted(settings.vault)
    if (!deleted) return pass({ vault })
    return fail({
      detail: `The vault ${settings.vault} was deleted on ${deleted.deletionDate.slice(0, 10)} and can be recovered`,
      is: 'deleted',
      should: 'active',
      remedy: command('vault', 'vaultResourceGroup', 'vault', 'secret'),
    })
  },
})

const placeOf = (vault: Vault) =>
  `resource group ${vault.group} of subscription ${subscriptionOfVault(vault)}`

export const vaultExists = check<Vault>()({
  code: 'WI506',
  title: 'The vault exists',
  link: 'vault',
  uses: ['vaultResourceGroup', 'vault'],
  needs: { notDeleted: vaultNotDeleted },
  async run(ctx) {
    const { settings, notDeleted, command } = ctx
    const found = notDeleted.vault ?? (await findVault(ctx, settings.vault))
    const access = found?.access === 'rbac' ? 'Azure RBAC' : 'access policies'
    const elsewhere = found && !notDeleted.vault ? `, in ${placeOf(found)}` : ''
    return found
      ? pass(found, `${access}${elsewhere}`)
      : fail({
          detail: `The vault ${settings.vault} does not exist in resource group ${settings.vaultResourceGroup}, nor in any subscription that you can see`,
          remedy: command('vault', 'vaultResourceGroup', 'vault', 'secret'),
        })
  },
})
