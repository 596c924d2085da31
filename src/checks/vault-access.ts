import type { RoleAssignment } from '../clients/roles.ts'
import { check, fail, pass } from '../engine/check.ts'
import { hasPermissions, secretPermissions, secretReaderRoles } from '../steps/grants.ts'
import { principalExists } from './identity.ts'
import { clusterReadRights } from './kubernetes-rights.ts'
import { bySecret } from './proof.ts'
import { roleNames } from './role-names.ts'
import { accountAnnotated } from './service-account.ts'
import { vaultExists } from './vault.ts'

/** Secret permissions that the workload needs in an access policy. */
const needed = ['get', 'list']
const canRead = ({ role }: RoleAssignment) => secretReaderRoles.includes(role)

/** `Key Vault Reader on kv-shop`. */
const describeAssignment = ({ role, scope }: RoleAssignment) =>
  `${roleNames[role] ?? role} on ${scope.split('/').at(-1) || 'everything'}`

/** What the proof needs that overrules these checks. */
const workload = { api: clusterReadRights, account: accountAnnotated }
const uses = ['vault', 'vaultResourceGroup', 'secret', 'namespace', 'serviceAccount', 'audience'] as const

export const accessModelMatches = check()({
  code: 'WI503',
  title: "The identity's access is of the type that the vault uses",
  link: 'access',
  uses,
  needs: { vault: vaultExists, principal: principalExists, ...workload },
  overruledBy: bySecret,
  async run({ vault, principal, roles, command }) {
    const policy = secretPermissions(vault, principal.principalId)
    const byPolicy = hasPermissions(policy, needed)
    // If the access policy suffices, the roles need not be read.
    if (vault.access === 'policy' && byPolicy) return pass(true as const)
    if (vault.access === 'rbac' && !byPolicy) return pass(true as const)
    const byRole = (await roles.assignments(vault.id, principal.principalId)).some(canRead)
    if (vault.access === 'rbac' ? byRole : !byRole) return pass(true as const)
    return fail({
      detail:
        vault.access === 'rbac'
          ? `The identity has an access policy, but vault ${vault.name} uses Azure RBAC`
          : `The identity has a role, but vault ${vault.name} uses access policies`,
      is: vault.access === 'rbac' ? 'an access policy' : 'a role',
      should: vault.access === 'rbac' ? 'the role Key Vault Secrets User' : 'an access policy for get, list',
      remedy: command('vault', 'vaultResourceGroup', 'vault', 'secret'),
    })
  },
})

export const roleAssigned = check()({
  code: 'WI501',
  title: 'In a vault with Azure RBAC, the identity has a role that can read secrets',
  link: 'access',
  uses,
  needs: { vault: vaultExists, principal: principalExists, fits: accessModelMatches, ...workload },
  overruledBy: bySecret,
  async run({ vault, principal, roles, command }) {
    if (vault.access === 'policy') return pass(true as const, 'the vault uses access policies')
    const found = await roles.assignments(vault.id, principal.principalId)
    const reader = found.find(canRead)
    if (reader) return pass(true as const, describeAssignment(reader))
    return fail({
      detail: found.length
        ? `The identity's role on vault ${vault.name} does not allow reading secrets`
        : `The identity has no role on vault ${vault.name}`,
      is: found.map(describeAssignment).join(', ') || '(none)',
      should: 'Key Vault Secrets User',
      remedy: command('vault', 'vaultResourceGroup', 'vault', 'secret'),
    })
  },
})

export const accessPolicySet = check()({
  code: 'WI502',
  title: "In a vault with access policies, the identity's policy allows get and list on secrets",
  link: 'access',
  uses,
  needs: { vault: vaultExists, principal: principalExists, fits: accessModelMatches, ...workload },
  overruledBy: bySecret,
  async run({ vault, principal, command }) {
    if (vault.access === 'rbac') return pass(true as const, 'the vault uses Azure RBAC')
    const granted = secretPermissions(vault, principal.principalId)
    if (hasPermissions(granted, needed)) return pass(true as const, granted.join(', '))
    return fail({
      detail: `The identity's access policy on vault ${vault.name} does not allow get and list on secrets`,
      is: granted.join(', ') || '(none)',
      should: needed.join(', '),
      remedy: command('vault', 'vaultResourceGroup', 'vault', 'secret'),
    })
  },
})
