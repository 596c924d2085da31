import { az, instruction, withArgs } from '../../base/command.ts'
import { subscriptionOfVault } from '../../clients/find-vault.ts'
import type { Vault } from '../../clients/vaults.ts'
import { check } from '../../engine/check.ts'
import { isManagedAssignment, roleIds, secretPermissions } from '../../steps/grants.ts'
import { principalExists } from '../identity.ts'
import { secretReadable } from '../secret.ts'
import { vaultExists } from '../vault.ts'
import { type PostureFinding, postureVerdict, skipIfForbidden } from './verdict.ts'

const day = 86_400_000

/** Returns the options of az that name the vault. */
const namesOf = (vault: Vault) => ({
  'resource-group': vault.group,
  name: vault.name,
  subscription: subscriptionOfVault(vault),
})

export const purgeProtected = check()({
  code: 'WI831',
  title: 'The vault has purge protection',
  link: 'vault',
  level: 'warning',
  uses: ['vaultResourceGroup'],
  needs: { vault: vaultExists },
  run: async ({ vault }) => {
    const update = namesOf(vault)
    const findings: PostureFinding[] = []
    if (!vault.softDelete)
      findings.push({
        detail: `Deleting vault ${vault.name} or its secrets is irreversible`,
        is: 'soft delete: off',
        should: 'on',
        remedy: az('keyvault update', { ...update, 'enable-soft-delete': 'true' }),
        severe: true,
      })
    else if (!vault.purgeProtection)
      findings.push({
        detail: `Anyone with the purge permission can permanently delete vault ${vault.name} or its secrets before the ${vault.retentionDays}-day retention ends. The set-up leaves purge protection off, because it can't be turned off again.`,
        is: 'purge protection: off',
        should: 'on',
        remedy: az('keyvault update', { ...update, 'enable-purge-protection': 'true' }),
      })
    return postureVerdict(findings)
  },
})

export const vaultFirewallOn = check()({
  code: 'WI833',
  title: "The vault's firewall denies unknown addresses",
  link: 'vault',
  level: 'warning',
  uses: ['vaultResourceGroup'],
  needs: { vault: vaultExists },
  run: async ({ vault }) => {
    const named = namesOf(vault)
    return postureVerdict(
      vault.publicNetworkAccess && vault.firewall === 'Allow'
        ? [
            {
              detail: `Vault ${vault.name} accepts requests from every address. The set-up leaves the firewall off, because it can't know the pods' outbound addresses.`,
              is: 'default action: Allow',
              should: 'Deny, with allowed networks',
              remedy: instruction`Allow the pods' and your addresses with ${az('keyvault network-rule add', { ...named, 'ip-address': '…' })} (or create a private endpoint), then run ${az('keyvault update', { ...named, 'default-action': 'Deny' })}`,
            },
          ]
        : [],
    )
  },
})

export const vaultUsesRbac = check()({
  code: 'WI834',
  title: 'The vault uses Azure RBAC',
  link: 'access',
  level: 'warning',
  uses: ['vaultResourceGroup', 'vault'],
  needs: { vault: vaultExists },
  run: async ({ vault }) =>
    postureVerdict(
      vault.access === 'policy'
        ? [
            {
              detail: `Access policies of vault ${vault.name} apply to all its secrets, and anyone who can update the vault can add a policy for themselves`,
              is: 'access policies',
              should: 'Azure RBAC',
              remedy: instruction`Assign a role to each user of the vault, then run ${az('keyvault update', { name: vault.name, 'enable-rbac-authorization': 'true' })}`,
            },
          ]
        : [],
    ),
})

export const officerRoleRemoved = check()({
  code: 'WI835',
  title: 'No Key Vault Secrets Officer role remains from the set-up',
  link: 'access',
  level: 'warning',
  uses: [],
  needs: { vault: vaultExists },
  run: ({ vault, roles }) =>
    skipIfForbidden(async () => {
      const remaining = (await roles.assignmentsWithin(vault.id)).filter(
        (each) => each.role === roleIds.secretsOfficer && isManagedAssignment(each),
      )
      return postureVerdict(
        remaining.map(({ id, principalId }) => ({
          detail: `The account that ran the set-up (${principalId}) can still read and write every secret in vault ${vault.name}. The set-up keeps the role, because the next run reads the secret again.`,
          is: 'Key Vault Secrets Officer',
          should: '(none between runs)',
          remedy: az('role assignment delete', { ids: id }),
        })),
      )
    }),
})

export const secretExpires = check()({
  code: 'WI836',
  title: 'The secret has an expiration date',
  link: 'vault',
  level: 'warning',
  uses: ['vault', 'secret'],
  needs: { read: secretReadable },
  run: async ({ settings, read, clock }) => {
    const inAYear = new Date(Date.now() + clock.skew() + 365 * day).toISOString().slice(0, 10)
    return postureVerdict(
      read.expires
        ? []
        : [
            {
              detail: `The secret ${settings.secret} in vault ${settings.vault} never expires, so nothing prompts its rotation. The set-up sets no expiration date, because it can't know who rotates the secret.`,
              is: '(none)',
              should: 'an expiration date',
              remedy: az('keyvault secret set-attributes', {
                'vault-name': settings.vault,
                name: settings.secret,
                expires: `${inAYear}T00:00:00Z`,
              }),
            },
          ],
    )
  },
})

const sufficient = ['get', 'list']

export const accessPolicyReadOnly = check()({
  code: 'WI837',
  title: "The identity's access policy allows no more than get and list",
  link: 'access',
  uses: [],
  needs: { vault: vaultExists, principal: principalExists },
  run: async ({ vault, principal: { principalId } }) => {
    const granted = secretPermissions(vault, principalId)
    const excess = granted.filter((each) => !sufficient.includes(each))
    return postureVerdict(
      vault.access === 'policy' && excess.length
        ? [
            {
              detail: `The access policy of vault ${vault.name} lets the workload do more than read secrets: ${excess.join(', ')}`,
              is: granted.join(', '),
              should: sufficient.join(', '),
              remedy: withArgs(
                az('keyvault set-policy', { name: vault.name, 'object-id': principalId }),
                '--secret-permissions',
                ...sufficient,
              ),
              severe: true,
            },
          ]
        : [],
    )
  },
})
