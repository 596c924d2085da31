import { quoted } from '../../base/shell.ts'
import type { RoleAssignment } from '../../clients/roles.ts'
import { check } from '../../engine/check.ts'
import { listCredentials, serviceAccountSubject } from '../../steps/credentials.ts'
import { roleIds as ours, secretReaderRoles } from '../../steps/grants.ts'
import { identityExists, principalExists } from '../identity.ts'
import { issuerPublic } from '../issuer.ts'
import { vaultExists } from '../vault.ts'
import { type PostureFinding, postureVerdict, skipIfForbidden } from './verdict.ts'

const sameText = (a: string, b: string) => a.toLowerCase() === b.toLowerCase()

const named: Record<string, string> = {
  '8e3af657-a8ff-443c-a75c-2fe8c4bcb635': 'Owner',
  'b24988ac-6180-42a0-ab88-20f7382dd24c': 'Contributor',
  'acdd72a7-3385-48ef-bd42-f606fba81ae7': 'Reader',
  '18d7d88d-d35e-4fb5-a5c3-7773c20a72d9': 'User Access Administrator',
  'f58310d9-a9f6-439a-9e8d-f62e7b41a168': 'Role Based Access Control Administrator',
  [ours.secretsUser]: 'Key Vault Secrets User',
  [ours.secretsOfficer]: 'Key Vault Secrets Officer',
  [ours.administrator]: 'Key Vault Administrator',
}

/** A subscription, a group or above: everything in it, also what is to come. */
const isWide = ({ scope }: RoleAssignment) => !/\/providers\/(?!Microsoft\.Management\/)/i.test(scope)

const where = ({ scope }: RoleAssignment) => {
  const [, subscription, group] =
    /^\/subscriptions\/([^/]+)(?:\/resourceGroups\/([^/]+))?$/i.exec(scope) ?? []
  if (group) return `the whole resource group ${group}`
  return subscription ? 'the whole subscription' : scope.split('/').at(-1) || 'the whole tenant'
}

export const onlyVaultRole = check()({
  code: 'WI841',
  title: 'The identity has no role but the one that reads the secrets',
  link: 'identity',
  uses: ['vault', 'vaultResourceGroup', 'vaultAccess'],
  needs: { vault: vaultExists, principal: principalExists },
  run: ({ vault, principal: { principalId }, roles }) =>
    skipIfForbidden(async () => {
      const all = await roles.assignmentsInSubscription(principalId)
      const atVault = ({ scope }: RoleAssignment) =>
        `${scope.toLowerCase()}/`.startsWith(`${vault.id.toLowerCase()}/`)
      const reads = all.filter((each) => atVault(each) && each.role === ours.secretsUser)
      const wanted = vault.access === 'rbac' ? reads : []
      const others = all.filter((each) => !wanted.includes(each))
      return postureVerdict(
        others.map((each): PostureFinding => {
          const role = named[each.role] ?? `the role ${each.role}`
          const only = secretReaderRoles.includes(each.role) && vault.access === 'rbac' && !reads.length
          const remove = `az role assignment delete --ids ${each.id}`
          return {
            detail: `The identity is ${role} on ${where(each)}; so is whoever can start a pod with its service account`,
            is: `${role} on ${where(each)}`,
            should: `${vault.access === 'rbac' ? 'Key Vault Secrets User' : 'no role'} on ${vault.name}, and no other`,
            remedy: only
              ? `az role assignment create --role ${quoted('Key Vault Secrets User')} --assignee-object-id ${principalId} --assignee-principal-type ServicePrincipal --scope ${vault.id} && ${remove}`
              : remove,
            grave: isWide(each) || atVault(each),
          }
        }),
      )
    }),
})

export const dedicatedVault = check()({
  code: 'WI842',
  title: 'The vault holds no secrets but this one, which the identity could read too',
  link: 'access',
  level: 'warning',
  uses: ['vaultResourceGroup', 'vault', 'secret'],
  needs: { vault: vaultExists },
  run: ({ settings, vault, vaults, command }) =>
    skipIfForbidden(async () => {
      const others = (await vaults.contents(settings.vaultResourceGroup, settings.vault)).filter(
        ({ kind, name }) => kind === 'secret' && !sameText(name, settings.secret),
      )
      if (!others.length) return postureVerdict([])
      const some = others
        .slice(0, 3)
        .map(({ name }) => name)
        .join(', ')
      return postureVerdict([
        {
          detail: `The identity can read ${others.length} more ${others.length === 1 ? 'secret' : 'secrets'} of ${vault.name}: ${some}${others.length > 3 ? ', …' : ''}`,
          remedy: `If they are another workload's, give this one a vault of its own: ${command('vault')} --vault NAME`,
        },
      ])
    }),
})

/** AKS keeps this one for its identity bindings. */
const bindings = 'aks-identity-binding'

export const singleTrustedSubject = check()({
  code: 'WI843',
  title: 'The identity trusts no other subject',
  link: 'credential',
  level: 'warning',
  uses: ['resourceGroup', 'namespace', 'serviceAccount'],
  needs: { identity: identityExists, issuer: issuerPublic },
  run: (ctx) =>
    skipIfForbidden(async () => {
      const { settings, identity, issuer } = ctx
      const subject = serviceAccountSubject(settings)
      const others = (await listCredentials(ctx, identity)).filter(
        (each) => each.name !== bindings && (each.subject !== subject || each.issuer !== issuer.issuer),
      )
      return postureVerdict(
        others.map((each) => ({
          detail: `The credential ${each.name} lets another one be this identity, with the same access`,
          is: `${each.subject} of ${each.issuer}`,
          should: `only ${subject} of this cluster`,
          remedy:
            identity.kind === 'app'
              ? `az ad app federated-credential delete --id ${identity.clientId} --federated-credential-id ${each.name}`
              : `az identity federated-credential delete --resource-group ${settings.resourceGroup} --identity-name ${identity.ref} --name ${each.name} --yes`,
        })),
      )
    }),
})

export const noAppCredentials = check()({
  code: 'WI844',
  title: 'The app registration has no password and no certificate',
  link: 'identity',
  uses: ['identityKind'],
  needs: { identity: identityExists },
  excludedWhen: (settings) => settings.identityKind === 'managed',
  run: ({ identity, directory }) =>
    skipIfForbidden(async () =>
      postureVerdict(
        (await directory.keys(identity.ref)).map(({ id, kind }) => ({
          detail: `The app registration still has a ${kind}: with it anybody is this identity, from anywhere`,
          is: `${kind} ${id}`,
          should: '(none)',
          remedy: `az ad app credential delete --id ${identity.clientId} --key-id ${id}${kind === 'certificate' ? ' --cert' : ''}`,
          grave: true,
        })),
      ),
    ),
})

export const noOtherOwners = check()({
  code: 'WI845',
  title: 'Nobody else owns the app registration',
  link: 'identity',
  level: 'warning',
  uses: ['identityKind'],
  needs: { identity: identityExists },
  excludedWhen: (settings) => settings.identityKind === 'managed',
  run: ({ identity, directory, account }) =>
    skipIfForbidden(async () => {
      const [owners, caller] = await Promise.all([directory.owners(identity.ref), account.caller()])
      return postureVerdict(
        owners
          .filter((id) => !sameText(id, caller.objectId))
          .map((id) => ({
            detail:
              'An owner can add a password or a credential to the app registration, and then is this identity',
            is: id,
            should: 'no owner but you',
            remedy: `az ad app owner remove --id ${identity.clientId} --owner-object-id ${id}`,
          })),
      )
    }),
})

export const noApiPermissions = check()({
  code: 'WI846',
  title: 'The identity has no permissions in Graph or another API',
  link: 'identity',
  uses: [],
  needs: { principal: principalExists },
  run: ({ principal: { principalId }, directory, cloud }) =>
    skipIfForbidden(async () =>
      postureVerdict(
        (await directory.permissions(principalId)).map(({ id, resource, role }) => ({
          detail: `The identity has an application permission of ${resource}, which the workload does not need for the vault`,
          is: `${role} of ${resource}`,
          should: '(none)',
          // az finds the audience by the address only where the services have hosts of their own.
          remedy: `az rest --method delete --resource ${cloud.graph} --url ${cloud.graph}/v1.0/servicePrincipals/${principalId}/appRoleAssignments/${id}`,
          grave: true,
        })),
      ),
    ),
})
