import type { Clients } from '../clients/clients.ts'
import type { RoleAssignment } from '../clients/roles.ts'
import { hasCode } from '../clients/service-error.ts'
import type { Vault } from '../clients/vaults.ts'
import { allows, mayRestrict } from '../engine/permissions.ts'
import { hasPermissions, secretPermissions, secretReaderRoles } from './grants.ts'

/** The data action that reading a secret's value needs. */
export const readAction = 'Microsoft.KeyVault/vaults/secrets/getSecret/action'

/** A role by which the workload can read the secret: its own, or one of its groups'. */
export interface ReaderRole extends RoleAssignment {
  /** Undefined for the built-in roles that wi-setup knows. */
  roleName?: string
  /** True if it allows reading the secret only under a condition, which can't be evaluated here. */
  conditional: boolean
}

/**
 * Returns a role with which the principal can read the secret: known built-in ones at the vault and above it first, then
 * any role, also of its groups and on the secret alone, by what the role allows. One with a condition is the last choice.
 */
export async function findReaderRole(
  { roles }: Pick<Clients, 'roles'>,
  vaultId: string,
  { principalId, secret }: { principalId: string; secret: string },
): Promise<ReaderRole | undefined> {
  const isConditional = ({ condition }: RoleAssignment) => mayRestrict(condition, readAction)
  const known = (await roles.assignments(vaultId, principalId)).filter(({ role }) =>
    secretReaderRoles.includes(role),
  )
  const sure = known.find((each) => !isConditional(each))
  if (sure) return { ...sure, conditional: false }
  const grants = (await roles.grants(`${vaultId}/secrets/${secret}`, principalId)).filter(({ permissions }) =>
    allows(permissions, readAction, 'data'),
  )
  const found = grants.find((each) => !isConditional(each)) ?? known[0] ?? grants[0]
  return found && { ...found, conditional: isConditional(found) }
}

/** Returns the secret permissions that the vault's access policies give the principal, else one of its groups. */
export async function findPolicy(
  { directory }: Pick<Clients, 'directory'>,
  vault: Pick<Vault, 'policies'>,
  principalId: string,
): Promise<{ granted: string[]; own: boolean }> {
  const granted = secretPermissions(vault, principalId)
  if (granted.length || vault.policies.length === 0) return { granted, own: true }
  const groups = await directory.groupsOf(principalId).catch((error) => {
    if (hasCode(error, 'Authorization_RequestDenied')) return [] as string[]
    throw error
  })
  const ofGroup = groups.map((id) => secretPermissions(vault, id)).find((each) => canGet(each))
  return ofGroup ? { granted: ofGroup, own: false } : { granted, own: true }
}

/** Reading needs only `get`. */
export const canGet = (granted: string[]): boolean => hasPermissions(granted, ['get'])
