import type { RoleAssignment } from '../clients/roles.ts'
import { check, fail, pass } from '../engine/check.ts'
import { hasPermissions, secretPermissions, secretReaderRoles } from '../steps/grants.ts'
import { principalExists } from './identity.ts'
import { vaultExists } from './vault.ts'

const needed = ['get', 'list']
const reads = ({ role }: RoleAssignment) => secretReaderRoles.includes(role)

/** Roles that look as if they let secrets be read, and do not. */
const named: Record<string, string> = {
  '21090545-7ca7-4776-b22c-e363652d74d2': 'Key Vault Reader',
  'f25e0fa2-a7c8-4377-a976-54943a77a395': 'Key Vault Contributor',
  'acdd72a7-3385-48ef-bd42-f606fba81ae7': 'Reader',
  'b24988ac-6180-42a0-ab88-20f7382dd24c': 'Contributor',
  '8e3af657-a8ff-443c-a75c-2fe8c4bcb635': 'Owner',
  'e147488a-f6f5-4113-8e2d-b22465e65bf6': 'Key Vault Crypto Service Encryption User',
}

/** `Key Vault Reader on kv-shop`. */
const inWords = ({ role, scope }: RoleAssignment) =>
  `${named[role] ?? role} on ${scope.split('/').at(-1) || 'everything'}`

export const accessModelMatches = check()({
  code: 'WI503',
  title: 'The access that was given is of the kind that the vault goes by',
  link: 'access',
  uses: ['vault', 'vaultResourceGroup'],
  needs: { vault: vaultExists, principal: principalExists },
  async run({ vault, principal, roles, command }) {
    const policy = secretPermissions(vault, principal.principalId)
    const byPolicy = hasPermissions(policy, needed)
    // An access policy that fits needs no look at the roles.
    if (vault.access === 'policy' && byPolicy) return pass(true as const)
    if (vault.access === 'rbac' && !byPolicy) return pass(true as const)
    const byRole = (await roles.assignments(vault.id, principal.principalId)).some(reads)
    if (vault.access === 'rbac' ? byRole : !byRole) return pass(true as const)
    return fail({
      detail:
        vault.access === 'rbac'
          ? 'The identity has an access policy, but the vault goes by roles'
          : 'The identity has a role, but the vault goes by access policies',
      is: vault.access === 'rbac' ? 'an access policy' : 'a role',
      should: vault.access === 'rbac' ? 'the role Key Vault Secrets User' : 'an access policy for get, list',
      remedy: command('vault', 'vaultResourceGroup', 'vault', 'secret'),
    })
  },
})

export const roleAssigned = check()({
  code: 'WI501',
  title: 'Where the vault goes by roles, one lets the identity read its secrets',
  link: 'access',
  uses: ['vault', 'vaultResourceGroup'],
  needs: { vault: vaultExists, principal: principalExists, fits: accessModelMatches },
  async run({ vault, principal, roles, command }) {
    if (vault.access === 'policy') return pass(true as const, 'it goes by access policies')
    const found = await roles.assignments(vault.id, principal.principalId)
    const reader = found.find(reads)
    if (reader) return pass(true as const, inWords(reader))
    return fail({
      detail: found.length
        ? "The identity's role on the vault does not let it read secrets"
        : 'The identity has no role on the vault',
      is: found.map(inWords).join(', ') || '(none)',
      should: 'Key Vault Secrets User',
      remedy: command('vault', 'vaultResourceGroup', 'vault', 'secret'),
    })
  },
})

export const accessPolicySet = check()({
  code: 'WI502',
  title: 'Where the vault goes by access policies, one lets the identity get and list secrets',
  link: 'access',
  uses: ['vault', 'vaultResourceGroup'],
  needs: { vault: vaultExists, principal: principalExists, fits: accessModelMatches },
  async run({ vault, principal, command }) {
    if (vault.access === 'rbac') return pass(true as const, 'it goes by roles')
    const has = secretPermissions(vault, principal.principalId)
    if (hasPermissions(has, needed)) return pass(true as const, has.join(', '))
    return fail({
      detail: "The identity's access policy is not enough",
      is: has.join(', ') || '(none)',
      should: needed.join(', '),
      remedy: command('vault', 'vaultResourceGroup', 'vault', 'secret'),
    })
  },
})
