import type { Clients } from '../clients/clients.ts'
import type { RoleAssignment } from '../clients/roles.ts'
import type { Vault } from '../clients/vaults.ts'
import type { RequiredAction } from '../engine/step.ts'
import type { Settings } from '../settings/settings.ts'
import { isOwnAssignment } from '../targets/target.ts'
import { vaultGroup } from './groups.ts'

/** IDs of the built-in roles for secrets. */
export const roleIds = {
  secretsUser: '4633458b-17de-408a-b874-0445c86b69e6',
  secretsOfficer: 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7',
  administrator: '00482a5a-887f-4fb3-b363-3b7fe8e74483',
} as const

export const secretReaderRoles: readonly string[] = Object.values(roleIds)

export const isManagedAssignment = isOwnAssignment

/** Whether we created it, on this resource and not on a parent. */
/** Deletes the role assignments that wi-setup created for the principal and that no step of these settings has deleted. */
export async function revokeEarlierAccess(
  { roles }: Pick<Clients, 'roles'>,
  subscription: string,
  principalId: string,
): Promise<void> {
  for (const each of await roles.assignmentsInSubscription(subscription, principalId))
    if (isManagedAssignment(each)) await roles.unassign(each.id)
}

export const isManagedAssignmentAt = (assignment: RoleAssignment, scope: string) =>
  isManagedAssignment(assignment) && assignment.scope.toLowerCase() === scope.toLowerCase()

/** Access policies carry no ownership tag: one with exactly our permissions counts as ours. */
export const grantsExactly = (granted: string[], wanted: readonly string[]) =>
  granted.length === wanted.length && wanted.every((each) => granted.includes(each))

/** Secret permissions that an access policy gives to the workload, and to the user who runs wi-setup. */
export const workloadSecretPermissions = ['get', 'list']
export const operatorSecretPermissions = ['get', 'list', 'set', 'delete', 'recover']

/** Returns the ARM actions that revoking access to the vault needs. */
export const actionsToRevokeAccess = (settings: AccessSettings): RequiredAction[] => [
  settings.vaultAccess === 'rbac'
    ? { action: 'Microsoft.Authorization/roleAssignments/delete', ...vaultGroup(settings) }
    : { action: 'Microsoft.KeyVault/vaults/accessPolicies/write', ...vaultGroup(settings) },
]

type AccessSettings = Pick<Settings, 'vaultAccess' | 'vaultResourceGroup' | 'vaultSubscription'>

export const secretPermissions = (vault: Pick<Vault, 'policies'>, objectId: string): string[] =>
  vault.policies.find((policy) => policy.objectId.toLowerCase() === objectId.toLowerCase())?.secrets ?? []

export const hasPermissions = (granted: string[], wanted: string[]) =>
  granted.includes('all') || wanted.every((each) => granted.includes(each))

/** Returns the ARM actions that granting access to the vault needs. */
export const actionsToGrantAccess = (settings: AccessSettings): RequiredAction[] => [
  settings.vaultAccess === 'rbac'
    ? { action: 'Microsoft.Authorization/roleAssignments/write', ...vaultGroup(settings) }
    : { action: 'Microsoft.KeyVault/vaults/accessPolicies/write', ...vaultGroup(settings) },
]
