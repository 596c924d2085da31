import type { Clients } from '../clients/clients.ts'
import type { RoleAssignment } from '../clients/roles.ts'
import { hasCode } from '../clients/service-error.ts'
import type { Vault } from '../clients/vaults.ts'
import { allows } from '../engine/permissions.ts'
import { hasPermissions, secretPermissions, secretReaderRoles } from './grants.ts'

/** The data action that reading a secret's value needs. */
const readAction = 'Microsoft.KeyVault/vaults/secrets/getSecret/action'

/** A role by which the workload can read the secret: its own, or one of its groups'. */
export interface ReaderRole extends RoleAssignment {
  /** Undefined for the built-in roles that wi-setup knows. */
  roleName?: string
}

/**
 * Returns a role with which the principal can read the secret: known built-in ones at the vault and above it first, then
 * any role, also of its groups and on the secret alone, by what the role allows.
 */
export async function findReaderRole(
  { roles }: Pick<Clients, 'roles'>,
  vaultId: string,
  { principalId, secret }: { principalId: string; secret: string },
): Promise<ReaderRole | undefined> {
  const known = (await roles.assignments(vaultId, principalId)).find(({ role }) =>
    secretReaderRoles.includes(role),
  )
  if (known) return known
  const grants = await roles.grants(`${vaultId}/secrets/${secret}`, principalId)
  return grants.find(({ permissions }) => allows(permissions, readAction, 'data'))
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
