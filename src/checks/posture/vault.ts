import { check } from '../../engine/check.ts'
import { isManagedAssignment, roleIds as ours, secretPermissions } from '../../steps/grants.ts'
import { principalExists } from '../identity.ts'
import { secretReadable } from '../secret.ts'
import { vaultExists } from '../vault.ts'
import { type PostureFinding, postureVerdict, skipIfForbidden } from './verdict.ts'

const day = 86_400_000

export const purgeProtected = check()({
  code: 'WI831',
  title: 'Nobody can end the vault for good before its time',
  link: 'vault',
  level: 'warning',
  uses: ['vaultResourceGroup'],
  needs: { vault: vaultExists },
  run: async ({ settings, vault }) => {
    const update = `az keyvault update --resource-group ${settings.vaultResourceGroup} --name ${vault.name}`
    const found: PostureFinding[] = []
    if (!vault.softDelete)
      found.push({
        detail: 'A deleted vault or secret is gone at once',
        is: 'soft delete off',
        should: 'on',
        remedy: `${update} --enable-soft-delete true`,
        grave: true,
      })
    else if (!vault.purgeProtection)
      found.push({
        detail: `Whoever may purge can end a deleted vault or secret before its ${vault.retentionDays} days are over. A set-up leaves this off, because it can never be switched off again`,
        is: 'purge protection off',
        should: 'on',
        remedy: `${update} --enable-purge-protection true`,
      })
    return postureVerdict(found)
  },
})

export const vaultFirewallOn = check()({
  code: 'WI833',
  title: 'The vault is not reached from everywhere',
  link: 'vault',
  level: 'warning',
  uses: ['vaultResourceGroup'],
  needs: { vault: vaultExists },
  run: async ({ settings, vault }) =>
    postureVerdict(
      vault.publicNetworkAccess && vault.firewall === 'Allow'
        ? [
            {
              detail:
                'Every address may try to reach the vault. A set-up leaves it so, because it cannot know from where the pods go out',
              is: 'default action Allow',
              should: 'Deny, with rules',
              remedy: `First az keyvault network-rule add --name ${vault.name} --ip-address … for the pods and for you (or a private endpoint), then az keyvault update --resource-group ${settings.vaultResourceGroup} --name ${vault.name} --default-action Deny`,
            },
          ]
        : [],
    ),
})

export const vaultUsesRbac = check()({
  code: 'WI834',
  title: 'The vault goes by roles',
  link: 'access',
  level: 'warning',
  uses: ['vaultResourceGroup', 'vault'],
  needs: { vault: vaultExists },
  run: async ({ vault }) =>
    postureVerdict(
      vault.access === 'policy'
        ? [
            {
              detail:
                'Access policies hold for the whole vault, and whoever may change the vault can give them to himself',
              is: 'access policies',
              should: 'roles',
              remedy: `Give each of its users a role first, then az keyvault update --name ${vault.name} --enable-rbac-authorization true`,
            },
          ]
        : [],
    ),
})

export const officerRoleRemoved = check()({
  code: 'WI835',
  title: 'The right to write secrets, given for the set-up, is not left behind',
  link: 'access',
  level: 'warning',
  uses: [],
  needs: { vault: vaultExists },
  run: ({ vault, roles }) =>
    skipIfForbidden(async () => {
      const left = (await roles.assignmentsWithin(vault.id)).filter(
        (each) => each.role === ours.secretsOfficer && isManagedAssignment(each),
      )
      return postureVerdict(
        left.map(({ id, principalId }) => ({
          detail: `Who set this up (${principalId}) can still read and write every secret of ${vault.name}. A set-up leaves it so, because the next one looks at the secret again`,
          is: 'Key Vault Secrets Officer',
          should: '(none, between set-ups)',
          remedy: `az role assignment delete --ids ${id}`,
        })),
      )
    }),
})

export const secretExpires = check()({
  code: 'WI836',
  title: 'The secret has a time at which it ends',
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
              detail: `The secret ${settings.secret} never expires, so nothing reminds of renewing it. A set-up sets no end, because it does not know who would`,
              is: '(none)',
              should: 'a date',
              remedy: `az keyvault secret set-attributes --vault-name ${settings.vault} --name ${settings.secret} --expires ${inAYear}T00:00:00Z`,
            },
          ],
    )
  },
})

const enough = ['get', 'list']

export const accessPolicyReadOnly = check()({
  code: 'WI837',
  title: "The identity's access policy allows no more than get and list",
  link: 'access',
  uses: [],
  needs: { vault: vaultExists, principal: principalExists },
  run: async ({ vault, principal: { principalId } }) => {
    const has = secretPermissions(vault, principalId)
    const more = has.filter((each) => !enough.includes(each))
    return postureVerdict(
      vault.access === 'policy' && more.length
        ? [
            {
              detail: `The workload may do more with the secrets than read them: ${more.join(', ')}`,
              is: has.join(', '),
              should: enough.join(', '),
              remedy: `az keyvault set-policy --name ${vault.name} --object-id ${principalId} --secret-permissions ${enough.join(' ')}`,
              grave: true,
            },
          ]
        : [],
    )
  },
})
