import { az, inSequence } from '../../base/command.ts'
import { check, fail, pass } from '../../engine/check.ts'
import { allows, findMissingActions, roleFor } from '../../engine/permissions.ts'
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
      remedy: inSequence(...denied.map((each) => az('provider register', { namespace: each, wait: true }))),
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
  async run({ settings, caller, existing, roles, groups }) {
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
    const vaultAccess = existing.vault?.access ?? settings.vaultAccess
    const required = stepsFor(settings)
      .filter(({ id }) => !ready[id])
      .flatMap(
        ({ actionsToApply }) => actionsToApply?.({ ...settings, vaultAccess }, { state: 'absent' }) ?? [],
      )
    const missing = await findMissingActions({ roles, groups }, settings.subscription, required)
    if (missing.length === 0) return pass(true as const)
    const role = roleFor(missing)
    // The widest of the scopes contains the others.
    const [scope] = missing.map((each) => each.scope).toSorted((a, b) => a.length - b.length)
    const actions = [...new Set(missing.map(({ action }) => action))]
    return fail({
      detail: `${caller.name} lacks Azure permissions that the set-up needs. Ask an Owner to run the fix.`,
      is: `missing ${actions.join(', ')}`,
      should: `${role} at ${scope}`,
      remedy: az('role assignment create', {
        role,
        'assignee-object-id': caller.objectId,
        'assignee-principal-type': caller.kind === 'app' ? 'ServicePrincipal' : 'User',
        scope,
      }),
    })
  },
})
