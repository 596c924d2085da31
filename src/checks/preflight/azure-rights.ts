import type { RolePermissions } from '../../clients/roles.ts'
import { check, fail, pass } from '../../engine/check.ts'
import { allows } from '../../engine/permissions.ts'
import { stepsFor } from '../../steps/index.ts'
import { requiredProviders } from '../../steps/providers.ts'
import { existingResources } from './existing-resources.ts'
import { signedInTenant } from './sign-in.ts'

export const providersRegistered = check<{ unregistered: string[] }>()({
  code: 'WI803',
  title: 'The resource providers are registered, or you can register them',
  link: 'caller',
  uses: ['subscription', 'identityKind', 'context', 'kubeconfig'],
  needs: { caller: signedInTenant },
  async run({ settings, providers, roles }) {
    const required = requiredProviders(settings)
    const states = await Promise.all(required.map((namespace) => providers.state(namespace)))
    const unregistered = required.filter((_, index) => !/^Regist(ered|ering)$/.test(states[index]!))
    if (unregistered.length === 0) return pass({ unregistered })
    const permissions = await roles.permissions(`/subscriptions/${settings.subscription}`)
    const denied = unregistered.filter((each) => !allows(permissions, `${each}/register/action`))
    if (denied.length === 0) return pass({ unregistered }, `will be registered: ${unregistered.join(', ')}`)
    return fail({
      detail: `You aren't allowed to register ${denied.join(', ')} in the subscription. Ask someone with Contributor on it to run the fix.`,
      is: 'NotRegistered',
      should: 'Registered',
      remedy: denied.map((each) => `az provider register --namespace ${each} --wait`).join(' && '),
    })
  },
})

export const azureRights = check()({
  code: 'WI804',
  title: 'You have the Azure permissions that the set-up needs',
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
  needs: { caller: signedInTenant, existing: existingResources },
  async run({ settings, caller, existing, roles, groups, once }) {
    const ready: Record<string, boolean> = {
      // providersRegistered checks this.
      providers: true,
      'resource-group': existing.group !== undefined,
      cluster:
        (existing.cluster?.issuerEnabled ?? false) &&
        (existing.cluster?.workloadIdentity || settings.webhook === 'helm' || settings.webhook === 'none'),
      identity: existing.identity !== undefined,
      vault: existing.vault !== undefined,
    }
    const subscription = `/subscriptions/${settings.subscription}`
    const permissionsAt = (group: string | undefined) =>
      once(`permissions of a set-up:${group}`, async (): Promise<[string, RolePermissions[]]> => {
        const found = group !== undefined && (await groups.get(group))
        const scope = found ? `${subscription}/resourceGroups/${group}` : subscription
        return [scope, await roles.permissions(scope)]
      })
    const vaultAccess = existing.vault?.access ?? settings.vaultAccess
    const missing = new Map<string, string>()
    for (const { id, actionsToApply } of stepsFor(settings)) {
      if (ready[id]) continue
      const needed =
        actionsToApply?.({ ...settings, vaultAccess } as never, { state: 'absent' } as never) ?? []
      for (const { action, group } of needed) {
        const [scope, permissions] = await permissionsAt(group)
        if (!allows(permissions, action)) missing.set(action, scope)
      }
    }
    if (missing.size === 0) return pass(true as const)
    const actions = [...missing.keys()]
    const roleActions = actions.filter((each) => each.startsWith('Microsoft.Authorization/'))
    const role =
      roleActions.length === actions.length
        ? 'Role Based Access Control Administrator'
        : roleActions.length
          ? 'Owner'
          : 'Contributor'
    // The shortest scope contains the others.
    const scope = [...missing.values()].toSorted((a, b) => a.length - b.length)[0]!
    return fail({
      detail: `${caller.name} lacks Azure permissions that the set-up needs. Ask an Owner to run the fix.`,
      is: `missing ${actions.join(', ')}`,
      should: `${role} at ${scope}`,
      remedy: `az role assignment create --role "${role}" --assignee-object-id ${caller.objectId} --assignee-principal-type ${caller.kind === 'app' ? 'ServicePrincipal' : 'User'} --scope ${scope}`,
    })
  },
})
