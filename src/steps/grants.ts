import { v5 as uuidv5 } from 'uuid'
import type { RoleAssignment } from '../clients/roles.ts'
import type { Vault } from '../clients/vaults.ts'
import type { RequiredAction } from '../engine/step.ts'
import type { Settings } from '../settings/settings.ts'

/** Built-in roles for secrets, by GUID. */
export const roleIds = {
  secretsUser: '4633458b-17de-408a-b874-0445c86b69e6',
  secretsOfficer: 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7',
  administrator: '00482a5a-887f-4fb3-b363-3b7fe8e74483',
} as const

export const secretReaderRoles: readonly string[] = Object.values(roleIds)

const ours = '8a1c2d1e-6f57-5c0e-9a55-77692d736574'

/** Always the same for scope, role and principal, so that a lost answer never makes a second assignment. */
export const assignmentName = (scope: string, role: string, principalId: string) =>
  uuidv5(`${scope.toLowerCase()}|${role}|${principalId}`, ours)

export const isManagedAssignment = (assignment: RoleAssignment) =>
  assignment.description?.includes('wi-setup') ?? false

/** The assignment is ours, and on this very resource. */
export const isManagedAssignmentAt = (assignment: RoleAssignment, scope: string) =>
  isManagedAssignment(assignment) && assignment.scope.toLowerCase() === scope.toLowerCase()

/** A policy that holds exactly these, as we give it: there is no mark on one. */
export const grantsExactly = (granted: string[], wanted: readonly string[]) =>
  granted.length === wanted.length && wanted.every((each) => granted.includes(each))

/** What wi-setup gives a workload by access policy, and who sets it up. */
export const workloadSecretPermissions = ['get', 'list']
export const operatorSecretPermissions = ['get', 'list', 'set', 'delete', 'recover']

/** ARM actions that taking access back needs. */
export const actionsToRevokeAccess = ({
  vaultAccess,
  vaultResourceGroup: group,
}: Pick<Settings, 'vaultAccess' | 'vaultResourceGroup'>): RequiredAction[] => [
  vaultAccess === 'rbac'
    ? { action: 'Microsoft.Authorization/roleAssignments/delete', group }
    : { action: 'Microsoft.KeyVault/vaults/accessPolicies/write', group },
]

export const secretPermissions = (vault: Pick<Vault, 'policies'>, objectId: string): string[] =>
  vault.policies.find((policy) => policy.objectId.toLowerCase() === objectId.toLowerCase())?.secrets ?? []

export const hasPermissions = (granted: string[], wanted: string[]) =>
  granted.includes('all') || wanted.every((each) => granted.includes(each))

/** What the caller must be allowed in order to give access to a vault. */
export const actionsToGrantAccess = ({
  vaultAccess,
  vaultResourceGroup: group,
}: Pick<Settings, 'vaultAccess' | 'vaultResourceGroup'>): RequiredAction[] => [
  vaultAccess === 'rbac'
    ? { action: 'Microsoft.Authorization/roleAssignments/write', group }
    : { action: 'Microsoft.KeyVault/vaults/accessPolicies/write', group },
]
