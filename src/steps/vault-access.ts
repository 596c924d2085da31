import type { Vault } from '../clients/vaults.ts'
import { absent, compared, nothingToRemove, removable, retained, step } from '../engine/step.ts'
import { assignmentName } from '../targets/assignment-name.ts'
import {
  actionsToGrantAccess,
  actionsToRevokeAccess,
  grantsExactly,
  isManagedAssignment,
  isManagedAssignmentAt,
  operatorSecretPermissions,
  roleIds,
  secretPermissions,
  workloadSecretPermissions as wanted,
} from './grants.ts'
import { accessibleTo } from './other-owners.ts'
import { canGet, findPolicy, findReaderRole } from './secret-access.ts'
import { servicePrincipal } from './service-principal.ts'
import { vault } from './vault.ts'

/** The workload's access to the vault's secrets: a role, or an access policy if the vault uses access policies. */
export const vaultAccess = step<{ by: 'rbac' | 'policy' }>()({
  id: 'vault-access',
  title: 'access',
  command: 'vault',
  uses: ['vault', 'vaultResourceGroup', 'vaultSubscription', 'vaultAccess', 'secret', 'tenant'],
  needs: { vault, principal: servicePrincipal },
  readyTimeoutMs: 300_000,
  label: (settings) => `on ${settings.vault}`,
  actionsToApply: actionsToGrantAccess,
  async inspect(ctx) {
    const { settings, vault, vaults, principal } = ctx
    const by = vault.access ?? settings.vaultAccess
    const how = by === 'rbac' ? 'Key Vault Secrets User' : 'policy get, list'
    if (!vault.id || !principal.principalId) return absent(how)
    if (by === 'policy') {
      const now = (await vaults.get(settings.vaultResourceGroup, settings.vault)) ?? (vault as Vault)
      const { granted: has, own } = await findPolicy(ctx, now, principal.principalId)
      return canGet(has)
        ? {
            state: 'ready',
            out: { by },
            owned: own && grantsExactly(has, wanted),
            note: `policy ${has.join(', ')}${own ? '' : ' of a group'}`,
          }
        : has.length === 0
          ? absent(how)
          : compared({ by }, false, [
              { field: 'policy', is: has.join(', '), want: [...new Set([...has, ...wanted])].join(', ') },
            ])
    }
    const found = await findReaderRole(ctx, vault.id, {
      principalId: principal.principalId,
      secret: settings.secret,
    })
    return found
      ? {
          state: 'ready',
          out: { by },
          owned: isManagedAssignment(found),
          note: `${found.roleName ?? how}${found.conditional ? ', under a condition' : ''}`,
        }
      : absent(how)
  },
  async apply({ settings, vault, principal: { principalId }, roles: assignments, vaults }) {
    if (vault.access === 'policy') {
      const secrets = [...new Set([...secretPermissions(vault, principalId), ...wanted])]
      return vaults.addPolicy(settings.vaultResourceGroup, settings.vault, {
        tenantId: settings.tenant,
        objectId: principalId,
        secrets,
      })
    }
    await assignments.assign(vault.id, assignmentName(vault.id, roleIds.secretsUser, principalId), {
      role: roleIds.secretsUser,
      principalId,
      principalType: 'ServicePrincipal',
      description: 'Workload access to secrets, created by wi-setup',
    })
  },
  within: () => 'vault',
  actionsToRemove: actionsToRevokeAccess,
  async removability({ settings, vault, vaults, principal, roles: assignments, azureAccount }) {
    if (!vault.id) return nothingToRemove
    const { principalId, shared } = principal
    if (vault.access === 'policy') {
      const now = (await vaults.get(settings.vaultResourceGroup, settings.vault)) ?? (vault as Vault)
      const { objectId: caller } = await azureAccount.caller()
      const others = now.policies.filter(
        (each) =>
          each.objectId !== principalId &&
          each.objectId !== caller &&
          !grantsExactly(each.secrets, operatorSecretPermissions),
      )
      const retainsContainer = othersHaveAccess(others.map(({ objectId }) => objectId))
      const has = principalId === undefined ? [] : secretPermissions(now, principalId)
      if (has.length === 0) return { state: 'absent', retainsContainer }
      if (shared) return retained({ by: 'policy' }, sharedIdentity)
      return grantsExactly(has, wanted)
        ? removable({ by: 'policy' }, undefined, retainsContainer)
        : retained({ by: 'policy' }, `the access policy grants more: ${has.join(', ')}`)
    }
    const all = await assignments.assignmentsWithin(vault.id)
    const [mine, rest] = [
      all.filter((each) => each.principalId === principalId && isManagedAssignmentAt(each, vault.id!)),
      all.filter(
        (each) =>
          !isManagedAssignment(each) ||
          (each.role === roleIds.secretsUser && each.principalId !== principalId),
      ),
    ]
    const retainsContainer = othersHaveAccess(rest.map(({ principalId }) => principalId))
    if (mine.length && shared) return retained({ by: 'rbac' }, sharedIdentity)
    return mine.length
      ? removable({ by: 'rbac' }, undefined, retainsContainer)
      : { state: 'absent', retainsContainer }
  },
  async remove({ settings, vault, principal: { principalId }, roles: assignments, vaults }) {
    if (vault.access === 'policy')
      return vaults.removePolicy(settings.vaultResourceGroup, settings.vault, {
        tenantId: settings.tenant,
        objectId: principalId,
      })
    for (const each of await assignments.assignments(vault.id, principalId))
      if (isManagedAssignmentAt(each, vault.id)) await assignments.unassign(each.id)
  },
})

const sharedIdentity = 'other workloads have it through the same identity'

const othersHaveAccess = (objectIds: string[]) => accessibleTo(objectIds, 'access to it')
