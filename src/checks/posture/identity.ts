import { az, inSequence, instruction, withFlag } from '../../base/command.ts'
import { subscriptionOfVault } from '../../clients/find-vault.ts'
import type { RoleAssignment } from '../../clients/roles.ts'
import { check } from '../../engine/check.ts'
import {
  acceptsSubject,
  listCredentials,
  serviceAccountSubject,
  shownSubject,
} from '../../steps/credentials.ts'
import { roleIds, secretReaderRoles } from '../../steps/grants.ts'
import { bindingCredential } from '../../steps/identity-binding.ts'
import { identityExists, principalExists } from '../identity.ts'
import { issuerPublic } from '../issuer.ts'
import { roleNames } from '../role-names.ts'
import { vaultExists } from '../vault.ts'
import { type PostureFinding, postureVerdict, skipIfForbidden } from './verdict.ts'

const sameText = (a: string, b: string) => a.toLowerCase() === b.toLowerCase()

/** Reports whether the scope is a resource group or wider, so that it includes future resources. */
const isWide = ({ scope }: RoleAssignment) => !/\/providers\/(?!Microsoft\.Management\/)/i.test(scope)

const describeScope = ({ scope }: RoleAssignment) => {
  const [, subscription, group] =
    /^\/subscriptions\/([^/]+)(?:\/resourceGroups\/([^/]+))?$/i.exec(scope) ?? []
  if (group) return `resource group ${group}`
  return subscription ? 'the subscription' : scope.split('/').at(-1) || 'the tenant'
}

export const onlyVaultRole = check()({
  code: 'WI841',
  title: "The identity's only role allows reading secrets in the vault",
  link: 'identity',
  uses: ['vault', 'vaultResourceGroup', 'vaultAccess'],
  needs: { vault: vaultExists, principal: principalExists },
  run: ({ vault, principal: { principalId }, roles }) =>
    skipIfForbidden(async () => {
      const all = await roles.assignmentsInSubscription(subscriptionOfVault(vault), principalId)
      const atVault = ({ scope }: RoleAssignment) =>
        `${scope.toLowerCase()}/`.startsWith(`${vault.id.toLowerCase()}/`)
      const readers = all.filter((each) => atVault(each) && each.role === roleIds.secretsUser)
      const expected = vault.access === 'rbac' ? readers : []
      const others = all.filter((each) => !expected.includes(each))
      return postureVerdict(
        others.map((each): PostureFinding => {
          const role = roleNames[each.role] ?? `the role ${each.role}`
          const only = secretReaderRoles.includes(each.role) && vault.access === 'rbac' && !readers.length
          const remove = az('role assignment delete', { ids: each.id })
          return {
            detail: `The identity has ${role} on ${describeScope(each)}, and so does anyone who can start a pod with its service account`,
            is: `${role} on ${describeScope(each)}`,
            should: `${vault.access === 'rbac' ? 'Key Vault Secrets User' : 'no role'} on ${vault.name}, and no other role`,
            remedy: only
              ? inSequence(
                  az('role assignment create', {
                    role: 'Key Vault Secrets User',
                    'assignee-object-id': principalId,
                    'assignee-principal-type': 'ServicePrincipal',
                    scope: vault.id,
                  }),
                  remove,
                )
              : remove,
            severe: isWide(each) || atVault(each),
          }
        }),
      )
    }),
})

export const dedicatedVault = check()({
  code: 'WI842',
  title: "The vault contains only this workload's secret",
  link: 'access',
  level: 'warning',
  uses: ['vaultResourceGroup', 'vault', 'secret'],
  needs: { vault: vaultExists },
  run: ({ settings, vault, inSubscription, command }) =>
    skipIfForbidden(async () => {
      const { vaults } = inSubscription(subscriptionOfVault(vault))
      const others = (await vaults.contents(vault.group, vault.name)).filter(
        ({ kind, name }) => kind === 'secret' && !sameText(name, settings.secret),
      )
      if (!others.length) return postureVerdict([])
      const some = others
        .slice(0, 3)
        .map(({ name }) => name)
        .join(', ')
      return postureVerdict([
        {
          detail: `The identity can also read ${others.length} other ${others.length === 1 ? 'secret' : 'secrets'} in vault ${vault.name}: ${some}${others.length > 3 ? ', …' : ''}`,
          remedy: instruction`If they belong to another workload, use a separate vault for this one: ${withFlag(command('vault'), '--vault', '…')}`,
        },
      ])
    }),
})

export const singleTrustedSubject = check()({
  code: 'WI843',
  title: 'The identity trusts only this service account',
  link: 'credential',
  level: 'warning',
  uses: ['resourceGroup', 'namespace', 'serviceAccount'],
  needs: { identity: identityExists, issuer: issuerPublic },
  run: (ctx) =>
    skipIfForbidden(async () => {
      const { settings, identity, issuer } = ctx
      const subject = serviceAccountSubject(settings)
      const others = (await listCredentials(ctx, identity)).filter(
        (each) =>
          each.name !== bindingCredential &&
          (!acceptsSubject(each, subject) || each.issuer !== issuer.issuer),
      )
      return postureVerdict(
        others.map((each) => ({
          detail: `Federated credential ${each.name} gives another subject the same access as this workload`,
          is: `${shownSubject(each)} from ${each.issuer}`,
          should: `only ${subject} from this cluster`,
          remedy:
            identity.kind === 'app'
              ? az('ad app federated-credential delete', {
                  id: identity.clientId,
                  'federated-credential-id': each.name,
                })
              : az('identity federated-credential delete', {
                  'resource-group': identity.group,
                  'identity-name': identity.ref,
                  name: each.name,
                  yes: true,
                }),
        })),
      )
    }),
})

export const noApiPermissions = check()({
  code: 'WI846',
  title: 'The identity has no application permissions in Microsoft Graph or other APIs',
  link: 'identity',
  uses: [],
  needs: { principal: principalExists },
  run: ({ principal: { principalId }, directory, cloud }) =>
    skipIfForbidden(async () =>
      postureVerdict(
        (await directory.permissions(principalId)).map(({ id, resource, role }) => ({
          detail: `The identity has an application permission in ${resource}, which reading the vault doesn't need`,
          is: `${role} in ${resource}`,
          should: '(none)',
          // Without --resource, az derives the audience only for the public Graph host.
          remedy: az('rest', {
            method: 'delete',
            resource: cloud.graph,
            url: `${cloud.graph}/v1.0/servicePrincipals/${principalId}/appRoleAssignments/${id}`,
          }),
          severe: true,
        })),
      ),
    ),
})
