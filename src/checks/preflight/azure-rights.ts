import type { RolePermissions } from '../../clients/roles.ts'
import { check, fail, pass } from '../../engine/check.ts'
import { allows } from '../../engine/permissions.ts'
import { stepsFor } from '../../steps/index.ts'
import { requiredProviders } from '../../steps/providers.ts'
import { existingResources } from './existing-resources.ts'
import { signedInTenant } from './sign-in.ts'

export const providersRegistered = check<{ unregistered: string[] }>()({
  code: 'WI803',
  title: 'The resource providers are registered, or you may register them',
  link: 'caller',
  uses: ['subscription', 'identityKind', 'context', 'kubeconfig'],
  needs: { caller: signedInTenant },
  async run({ settings, providers, roles }) {
    const wanted = requiredProviders(settings)
    const states = await Promise.all(wanted.map((namespace) => providers.state(namespace)))
    const unregistered = wanted.filter((_, index) => !/^Regist(ered|ering)$/.test(states[index]!))
    if (unregistered.length === 0) return pass({ unregistered })
    const permissions = await roles.permissions(`/subscriptions/${settings.subscription}`)
    const refused = unregistered.filter((each) => !allows(permissions, `${each}/register/action`))
    if (refused.length === 0) return pass({ unregistered }, `to be registered: ${unregistered.join(', ')}`)
    return fail({
      detail: `${refused.join(', ')} is not registered, and you may not register it; somebody who may has to`,
      is: 'NotRegistered',
      should: 'Registered',
      remedy: refused.map((each) => `az provider register --namespace ${each} --wait`).join(' && '),
    })
  },
})

export const azureRights = check()({
  code: 'WI804',
  title: 'You have the rights in Azure that the set-up needs',
  link: 'caller',
  uses: [
    'subscription',
    'resourceGroup',
    'clusterResourceGroup',
    'vaultResourceGroup',
    'vaultAccess',
    'identityKind',
    'webhook',
    'context',
    'kubeconfig',
  ],
  needs: { caller: signedInTenant, there: existingResources },
  async run({ settings, caller, there, roles, groups, once }) {
    const ready: Record<string, boolean> = {
      // A check of its own.
      providers: true,
      'resource-group': there.group !== undefined,
      cluster:
        (there.cluster?.issuerEnabled ?? false) &&
        (there.cluster?.workloadIdentity || settings.webhook === 'helm' || settings.webhook === 'none'),
      identity: there.identity !== undefined,
      vault: there.vault !== undefined,
    }
    const subscription = `/subscriptions/${settings.subscription}`
    const permissionsAt = (group: string | undefined) =>
      once(`permissions of a set-up:${group}`, async (): Promise<[string, RolePermissions[]]> => {
        const found = group !== undefined && (await groups.get(group))
        const scope = found ? `${subscription}/resourceGroups/${group}` : subscription
        return [scope, await roles.permissions(scope)]
      })
    const vaultAccess = there.vault?.access ?? settings.vaultAccess
    const lacking = new Map<string, string>()
    for (const { id, actionsToApply } of stepsFor(settings)) {
      if (ready[id]) continue
      const needed =
        actionsToApply?.({ ...settings, vaultAccess } as never, { state: 'absent' } as never) ?? []
      for (const { action, group } of needed) {
        const [scope, permissions] = await permissionsAt(group)
        if (!allows(permissions, action)) lacking.set(action, scope)
      }
    }
    if (lacking.size === 0) return pass(true as const)
    const actions = [...lacking.keys()]
    const grants = actions.filter((each) => each.startsWith('Microsoft.Authorization/'))
    const role =
      grants.length === actions.length
        ? 'Role Based Access Control Administrator'
        : grants.length
          ? 'Owner'
          : 'Contributor'
    // The widest of the scopes holds all of them.
    const scope = [...lacking.values()].toSorted((a, b) => a.length - b.length)[0]!
    return fail({
      detail: `You (${caller.name}) lack rights in Azure; an Owner can give you a role that holds them`,
      is: `without ${actions.join(', ')}`,
      should: `${role} at ${scope}`,
      remedy: `az role assignment create --role "${role}" --assignee-object-id ${caller.objectId} --assignee-principal-type ${caller.kind === 'app' ? 'ServicePrincipal' : 'User'} --scope ${scope}`,
    })
  },
})
