import type { VaultSecret } from '../clients/secrets.ts'
import { hasCode } from '../clients/service-error.ts'
import type { Vault } from '../clients/vaults.ts'
import { allows } from '../engine/permissions.ts'
import { absent, type InspectContext, type Needs, nothingToRemove, removable, step } from '../engine/step.ts'
import { assignmentName } from '../targets/assignment-name.ts'
import {
  actionsToGrantAccess,
  actionsToRevokeAccess,
  grantsExactly,
  hasPermissions,
  isManagedAssignmentAt,
  roleIds,
  secretPermissions,
  operatorSecretPermissions as wanted,
} from './grants.ts'
import { vault } from './vault.ts'

const setSecret = 'Microsoft.KeyVault/vaults/secrets/setSecret/action'

/**
 * Reads the secret as the caller: returns it, `none` if there is none, `refused` if the caller lacks access, or
 * `unreachable` if the vault is only reachable through a private endpoint. Its secrets can be assumed then, unless the
 * user sets a value: roles are assigned without a connection to the vault.
 */
export async function readSecret(
  {
    secrets,
    settings,
    secretValue,
  }: Pick<InspectContext<'secret', Needs>, 'secrets' | 'settings' | 'secretValue'>,
  uri: string,
): Promise<VaultSecret | 'none' | 'refused' | 'unreachable'> {
  try {
    return (await secrets.get(uri, settings.secret)) ?? 'none'
  } catch (error) {
    if (hasCode(error, 'ForbiddenByRbac', 'AccessDenied', 'ForbiddenByPolicy')) return 'refused'
    if (secretValue === undefined && hasCode(error, 'ForbiddenByConnection')) return 'unreachable'
    throw error
  }
}

/** The caller's access to the vault's secrets: owning a vault does not include it. */
export const operatorAccess = step<object>()({
  id: 'operator-access',
  title: 'your access',
  command: 'vault',
  uses: ['vault', 'secret', 'vaultResourceGroup', 'vaultSubscription', 'vaultAccess', 'tenant'],
  needs: { vault },
  waitingFor: 'for the new role assignment to take effect (up to 10 min)',
  readyTimeoutMs: 600_000,
  label: (settings) => `on ${settings.vault}`,
  actionsToApply: actionsToGrantAccess,
  async inspect(ctx) {
    const { settings, vault, vaults, azureAccount, roles } = ctx
    const access = vault.access ?? settings.vaultAccess
    const how = access === 'rbac' ? 'Key Vault Secrets Officer' : `policy ${wanted.join(', ')}`
    if (!vault.uri || !vault.ready) return absent(how)
    const secret = await readSecret(ctx, vault.uri)
    if (secret === 'refused') return absent(how)
    const ready = { state: 'ready' as const, out: {}, owned: false }
    if (secret === 'unreachable') return { ...ready, note: 'not needed: the vault is private' }
    if (secret !== 'none' && ctx.secretValue === undefined) return ready
    const canSet =
      access === 'rbac'
        ? allows(await roles.permissions(vault.id!), setSecret, 'data')
        : hasPermissions(
            secretPermissions(
              (await vaults.get(settings.vaultResourceGroup, settings.vault)) ?? (vault as Vault),
              (await azureAccount.caller()).objectId,
            ),
            ['set'],
          )
    return canSet ? ready : absent(how)
  },
  async apply({ settings, vault, azureAccount, vaults, roles: assignments }) {
    const caller = await azureAccount.caller()
    if (vault.access === 'policy') {
      const secrets = [...new Set([...secretPermissions(vault, caller.objectId), ...wanted])]
      return vaults.addPolicy(settings.vaultResourceGroup, settings.vault, {
        tenantId: settings.tenant,
        objectId: caller.objectId,
        secrets,
      })
    }
    await assignments.assign(vault.id, assignmentName(vault.id, roleIds.secretsOfficer, caller.objectId), {
      role: roleIds.secretsOfficer,
      principalId: caller.objectId,
      principalType: caller.kind === 'app' ? 'ServicePrincipal' : 'User',
      description: 'Access to set up secrets, created by wi-setup',
    })
  },
  within: () => 'vault',
  actionsToRemove: actionsToRevokeAccess,
  async removability({ settings, vault, vaults, azureAccount, roles: assignments }) {
    if (!vault.id) return nothingToRemove
    const { objectId } = await azureAccount.caller()
    if (vault.access === 'policy') {
      const now = (await vaults.get(settings.vaultResourceGroup, settings.vault)) ?? (vault as Vault)
      return grantsExactly(secretPermissions(now, objectId), wanted)
        ? removable({}, `policy ${wanted.join(', ')}`)
        : nothingToRemove
    }
    const found = await assignments.assignments(vault.id, objectId)
    return found.some((each) => isManagedAssignmentAt(each, vault.id!))
      ? removable({}, 'Key Vault Secrets Officer')
      : nothingToRemove
  },
  async remove({ settings, vault, vaults, azureAccount, roles: assignments }) {
    const { objectId } = await azureAccount.caller()
    if (vault.access === 'policy')
      return vaults.removePolicy(settings.vaultResourceGroup, settings.vault, {
        tenantId: settings.tenant,
        objectId,
      })
    for (const each of await assignments.assignments(vault.id, objectId))
      if (isManagedAssignmentAt(each, vault.id)) await assignments.unassign(each.id)
  },
})
