import type { Vault } from '../clients/vaults.ts'
import { absent, compared, step } from '../engine/step.ts'
import {
  accessRights,
  assignmentName,
  hasPermissions,
  isOurs,
  policyOf,
  roles,
  secretsReaders,
} from './grants.ts'
import { servicePrincipal } from './service-principal.ts'
import { vault } from './vault.ts'

const wanted = ['get', 'list']

/** The workload may get and list secrets: by role, or by access policy, whichever the vault goes by. */
export const vaultAccess = step<{ by: 'rbac' | 'policy' }>()({
  id: 'vault-access',
  title: 'access',
  command: 'vault',
  uses: ['vault', 'vaultResourceGroup', 'vaultAccess', 'tenant'],
  needs: { vault, principal: servicePrincipal },
  deadline: 300_000,
  label: (settings) => `on ${settings.vault}`,
  rights: accessRights,
  async inspect(ctx) {
    const { settings, vault, vaults, principal, roles: assignments } = ctx
    const by = vault.access ?? settings.vaultAccess
    const how = by === 'rbac' ? 'Key Vault Secrets User' : 'policy get, list'
    if (!vault.id || !principal.principalId) return absent(how)
    if (by === 'policy') {
      const has = policyOf(
        (await vaults.get(settings.vaultResourceGroup, settings.vault)) ?? (vault as Vault),
        principal.principalId,
      )
      return hasPermissions(has, wanted)
        ? { state: 'ready', out: { by }, owned: has.length === wanted.length, note: how }
        : has.length === 0
          ? absent(how)
          : compared({ by }, false, [
              { field: 'policy', is: has.join(', '), want: [...new Set([...has, ...wanted])].join(', ') },
            ])
    }
    const found = (await assignments.assignments(vault.id, principal.principalId)).find((each) =>
      secretsReaders.includes(each.role),
    )
    return found ? { state: 'ready', out: { by }, owned: isOurs(found), note: how } : absent(how)
  },
  async apply({ settings, vault, principal: { principalId }, roles: assignments, vaults }) {
    if (vault.access === 'policy') {
      const secrets = [...new Set([...policyOf(vault, principalId), ...wanted])]
      return vaults.addPolicy(settings.vaultResourceGroup, settings.vault, {
        tenantId: settings.tenant,
        objectId: principalId,
        secrets,
      })
    }
    await assignments.assign(vault.id, assignmentName(vault.id, roles.secretsUser, principalId), {
      role: roles.secretsUser,
      principalId,
      principalType: 'ServicePrincipal',
      description: 'Workload access to secrets, by wi-setup',
    })
  },
  async remove({ settings, vault, principal: { principalId }, roles: assignments, vaults }) {
    if (vault.access === 'policy')
      return vaults.removePolicy(settings.vaultResourceGroup, settings.vault, {
        tenantId: settings.tenant,
        objectId: principalId,
      })
    for (const each of await assignments.assignments(vault.id, principalId))
      if (isOurs(each) && each.scope.toLowerCase() === vault.id.toLowerCase())
        await assignments.unassign(each.id)
  },
})
