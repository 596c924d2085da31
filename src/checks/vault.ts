import { hasCode } from '../clients/service-error.ts'
import type { Vault } from '../clients/vaults.ts'
import { check, fail, pass } from '../engine/check.ts'
import { explain } from '../explain.ts'
import { hasPermissions, policyOf, secretsReaders } from '../steps/grants.ts'
import { entraAccepts } from './exchange.ts'
import { principalExists } from './identity.ts'

export const vaultExists = check<Vault>()({
  code: 'WI506',
  title: 'The vault is there',
  link: 'vault',
  uses: ['vaultResourceGroup', 'vault'],
  needs: {},
  async run({ settings, vaults, command }) {
    const found = await vaults.get(settings.vaultResourceGroup, settings.vault)
    return found
      ? pass(found, found.access === 'rbac' ? 'RBAC' : 'access policies')
      : fail({
          detail: `There is no vault ${settings.vault} in the resource group ${settings.vaultResourceGroup}`,
          mend: command('vault', 'vaultResourceGroup', 'vault'),
        })
  },
})

export const identityMayRead = check()({
  code: 'WI501',
  title: "The identity may get and list the vault's secrets",
  link: 'access',
  uses: ['vault', 'vaultResourceGroup'],
  needs: { vault: vaultExists, principal: principalExists },
  async run({ vault, principal, roles, command }) {
    const mend = command('vault', 'vaultResourceGroup', 'vault')
    if (vault.access === 'policy') {
      const has = policyOf(vault, principal.principalId)
      if (hasPermissions(has, ['get', 'list'])) return pass(true as const, 'access policy')
      return fail({
        detail: "The vault goes by access policies, and the identity's is not enough",
        is: has.join(', ') || '(none)',
        should: 'get, list',
        mend,
      })
    }
    const found = await roles.assignments(vault.id, principal.principalId)
    if (found.some(({ role }) => secretsReaders.includes(role))) return pass(true as const, 'role')
    return fail({
      detail: 'The vault goes by roles, and the identity has none that reads secrets',
      is: found.length ? `${found.length} other ${found.length === 1 ? 'role' : 'roles'}` : '(none)',
      should: 'Key Vault Secrets User',
      mend,
    })
  },
})

export const secretRead = check<{ id: string; value: string }>()({
  code: 'WI508',
  title: "The secret is read with the workload's own token",
  link: 'vault',
  uses: ['secret', 'vault', 'vaultResourceGroup'],
  needs: { vault: vaultExists, access: identityMayRead, entra: entraAccepts },
  async run({ settings, vault, entra, secrets, command }) {
    try {
      const found = await secrets.get(vault.uri, settings.secret, { token: entra.exchange })
      if (!found)
        return fail({
          detail: `The vault has no secret ${settings.secret}`,
          mend: command('vault', 'vault', 'secret'),
        })
      return pass({ id: found.id, value: found.value }, settings.secret)
    } catch (error) {
      const { what, mend, trace } = explain(error)
      if (!hasCode(error, 'ForbiddenByRbac', 'AccessDenied')) return fail({ detail: what, mend, trace })
      return fail({
        detail: what,
        mend: `The access is given, so it has probably not taken effect yet (up to 10 min): ${command('verify')} --wait 10m`,
        transient: true,
        trace,
      })
    }
  },
})
