import { az, instruction } from '../base/command.ts'
import type { RoleAssignment } from '../clients/roles.ts'
import { check, fail, pass, warn } from '../engine/check.ts'
import { secretPermissions, secretReaderRoles } from '../steps/grants.ts'
import { canGet, findPolicy, findReaderRole, type ReaderRole, readAction } from '../steps/secret-access.ts'
import { notDenied } from './deny-assignment.ts'
import { principalExists } from './identity.ts'
import { bySecret } from './proof.ts'
import { roleNames } from './role-names.ts'
import { accountAnnotated } from './service-account.ts'
import { vaultExists } from './vault.ts'

const canRead = ({ role }: RoleAssignment) => secretReaderRoles.includes(role)

/** `Key Vault Reader on kv-shop`. */
const describeAssignment = ({ role, roleName, scope }: RoleAssignment & { roleName?: string }) =>
  `${roleName ?? roleNames[role] ?? role} on ${scope.split('/').at(-1) || 'everything'}`

const uses = ['vault', 'vaultResourceGroup', 'secret', 'namespace', 'serviceAccount', 'audience'] as const

export const accessModelMatches = check()({
  code: 'WI503',
  title: "The identity's access is of the type that the vault uses",
  link: 'access',
  uses,
  needs: { vault: vaultExists, principal: principalExists, account: accountAnnotated },
  overruledBy: bySecret,
  async run({ vault, principal, roles, command }) {
    const policy = secretPermissions(vault, principal.principalId)
    const byPolicy = canGet(policy)
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
      should: vault.access === 'rbac' ? 'the role Key Vault Secrets User' : 'an access policy for get',
      remedy: command('vault', 'vaultResourceGroup', 'vault', 'secret'),
    })
  },
})

/** wi-setup does not evaluate conditions. Only the workload's own request shows whether one is met. */
function conditionalVerdict(reader: ReaderRole, proof: string | undefined) {
  const role = describeAssignment(reader)
  if (proof !== undefined) return pass(true as const, `${role}, under a condition; ${proof}`)
  return warn(true as const, {
    detail: `The identity's role ${role} applies only under a condition, which may exclude reading the secret`,
    is: reader.condition ?? '',
    should: `a condition that allows ${readAction}`,
    remedy: instruction`Change the condition of the role assignment, which this command shows: ${az('role assignment list', { scope: reader.scope, assignee: reader.principalId })}`,
  })
}

export const roleAssigned = check()({
  code: 'WI501',
  title: 'In a vault with Azure RBAC, the identity has a role that can read secrets',
  link: 'access',
  uses,
  needs: {
    vault: vaultExists,
    principal: principalExists,
    fits: accessModelMatches,
    allowed: notDenied,
    account: accountAnnotated,
  },
  overruledBy: bySecret,
  async run(ctx) {
    const { settings, vault, roles, command } = ctx
    const { principalId } = ctx.principal
    if (vault.access === 'policy') return pass(true as const, 'the vault uses access policies')
    const reader = await findReaderRole({ roles }, vault.id, { principalId, secret: settings.secret })
    if (reader?.conditional) return conditionalVerdict(reader, await bySecret(ctx))
    if (reader) return pass(true as const, describeAssignment(reader))
    const found = await roles.assignments(vault.id, principalId)
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
  title: "In a vault with access policies, the identity's policy allows get on secrets",
  link: 'access',
  uses,
  needs: {
    vault: vaultExists,
    principal: principalExists,
    fits: accessModelMatches,
    account: accountAnnotated,
  },
  overruledBy: bySecret,
  async run({ vault, principal, directory, command }) {
    if (vault.access === 'rbac') return pass(true as const, 'the vault uses Azure RBAC')
    const { granted } = await findPolicy({ directory }, vault, principal.principalId)
    if (canGet(granted)) return pass(true as const, granted.join(', '))
    return fail({
      detail: `The identity's access policy on vault ${vault.name} does not allow get on secrets`,
      is: granted.join(', ') || '(none)',
      should: 'get',
      remedy: command('vault', 'vaultResourceGroup', 'vault', 'secret'),
    })
  },
})
