import { randomBytes } from 'node:crypto'
import { ActionRequiredError } from '../base/action-required.ts'
import { az, type Remedy, withArgs } from '../base/command.ts'
import type { Caller } from '../clients/account.ts'
import type { Secrets } from '../clients/secrets.ts'
import { hasCode } from '../clients/service-error.ts'
import type { Vault } from '../clients/vaults.ts'
import { allows } from '../engine/permissions.ts'
import {
  absent,
  compared,
  hasOwnershipTag,
  nothingToRemove,
  notManaged,
  ownershipTag,
  type RemovabilityContext,
  removable,
  retained,
  step,
} from '../engine/step.ts'
import type { SettingName } from '../settings/settings.ts'
import {
  grantsExactly,
  hasPermissions,
  isManagedAssignment,
  roleIds,
  secretPermissions,
  workloadSecretPermissions,
} from './grants.ts'
import { operatorAccess, readSecret } from './operator-access.ts'
import { accessibleTo } from './other-owners.ts'
import { servicePrincipal } from './service-principal.ts'
import { vault } from './vault.ts'

type Context = RemovabilityContext<SettingName, { vault: typeof vault }>

const deleteActions = [
  'Microsoft.KeyVault/vaults/secrets/delete',
  'Microsoft.KeyVault/vaults/secrets/purge/action',
] as const

/** The secret. An existing one keeps its value unless the user sets one. */
export const secret = step<{ id: string; name: string }>()({
  id: 'secret',
  title: 'secret',
  command: 'vault',
  uses: ['vault', 'secret'],
  needs: { vault, operatorAccess, principal: servicePrincipal },
  label: (settings) => settings.secret,
  async inspect(ctx) {
    const { vault, settings, secretValue } = ctx
    const how = secretValue === undefined ? 'random value' : 'your value'
    if (!vault.uri || !vault.ready) return absent(how)
    const found = await readSecret(ctx, vault.uri)
    if (found === 'refused' || found === 'none') return absent(how)
    if (found === 'unreachable') {
      const { secret: name } = settings
      const note = 'not checked: the vault is only reachable through a private endpoint'
      return { state: 'ready', out: { id: `${vault.uri}secrets/${name}`, name }, owned: false, note }
    }
    return compared({ id: found.id, name: settings.secret }, hasOwnershipTag(found.tags), [
      secretValue !== undefined &&
        found.value !== secretValue && { field: 'value', is: '(different)', want: '(your value)' },
    ])
  },
  async apply({ settings, secrets, vault, secretValue }, found) {
    if (found.state === 'absent' && (await secrets.deleted(vault.uri, settings.secret))) {
      await secrets.recover(vault.uri, settings.secret)
      if (secretValue === undefined) return
    }
    await secrets.put(vault.uri, settings.secret, {
      value: secretValue ?? randomBytes(24).toString('base64url'),
      tags: ownershipTag,
    })
  },
  within: () => 'vault',
  confirmedByName: ({ purge }) => purge,
  async removability(ctx) {
    const { settings, vault, vaults, secrets, principal, azureAccount, roles: assignments, purge } = ctx
    if (!vault.id || !vault.uri) return nothingToRemove
    const found = (await vaults.contents(settings.vaultResourceGroup, settings.vault)).find(
      ({ kind, name }) => kind === 'secret' && name.toLowerCase() === settings.secret.toLowerCase(),
    )
    if (!found) {
      const deleted = purge ? await findDeleted(secrets, vault.uri, settings.secret) : undefined
      return deleted && hasOwnershipTag(deleted.tags)
        ? removable({}, 'permanently deletes the soft-deleted secret')
        : nothingToRemove
    }
    if (!hasOwnershipTag(found.tags)) return retained({}, notManaged)
    const retain = (note: string) => ({ ...retained<object>({}, note), neededLater: 'operatorAccess' })
    if (principal.shared) return retain('other workloads read it with the same identity')
    const caller = await azureAccount.caller()
    const readers =
      vault.access === 'rbac'
        ? (await assignments.assignmentsWithin(vault.id))
            .filter((each) => isManagedAssignment(each) && each.role === roleIds.secretsUser)
            .map(({ principalId }) => principalId)
        : (vault.policies ?? [])
            .filter(({ secrets }) => grantsExactly(secrets, workloadSecretPermissions))
            .map(({ objectId }) => objectId)
            .filter((id) => id !== caller.objectId)
    const sharedWith = accessibleTo(
      readers.filter((id) => id !== principal.principalId),
      'access to it',
    )
    if (sharedWith) return retain(sharedWith)
    const note = purge ? 'permanently' : `can be recovered for ${vault.retentionDays ?? 90} days`
    return { ...removable<object>({}, note), denial: await findDenial(ctx, caller) }
  },
  async remove({ settings, secrets, vault, purge }) {
    await secrets.remove(vault.uri, settings.secret)
    if (purge) await secrets.purge(vault.uri, settings.secret)
  },
})

/** Returns the soft-deleted secret; undefined if there is none, or if the caller can't list deleted secrets. */
async function findDeleted(secrets: Secrets, vaultUri: string, name: string) {
  try {
    return await secrets.deleted(vaultUri, name)
  } catch (error) {
    if (hasCode(error, 'Forbidden')) return undefined
    throw error
  }
}

/** Returns an error if the caller can't delete the secret: managing a vault does not include that. */
async function findDenial(
  { settings, vault, vaults, roles: assignments, purge }: Context,
  { name, objectId }: Caller,
): Promise<ActionRequiredError | undefined> {
  const denial = (remedy: Remedy) =>
    new ActionRequiredError(
      `You (${name}) can't ${purge ? 'delete and purge' : 'delete'} secrets in ${settings.vault}`,
      remedy,
    )
  if (vault.access === 'rbac') {
    const permissions = await assignments.permissions(vault.id!)
    return deleteActions.slice(0, purge ? 2 : 1).every((action) => allows(permissions, action, 'data'))
      ? undefined
      : denial(
          az('role assignment create', {
            assignee: objectId,
            role: 'Key Vault Secrets Officer',
            scope: vault.id,
          }),
        )
  }
  const needed = purge ? ['delete', 'purge'] : ['delete']
  const granted = secretPermissions(
    (await vaults.get(settings.vaultResourceGroup, settings.vault)) ?? (vault as Vault),
    objectId,
  )
  return hasPermissions(granted, needed)
    ? undefined
    : denial(
        withArgs(
          az('keyvault set-policy', { name: settings.vault, 'object-id': objectId }),
          '--secret-permissions',
          ...new Set([...granted, ...needed]),
        ),
      )
}
