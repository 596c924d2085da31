import { az, inSequence } from '../../base/command.ts'
import { check, fail, pass } from '../../engine/check.ts'
import { allows, findMissingActions, missingRoles } from '../../engine/permissions.ts'
import { inOtherSubscription } from '../../steps/groups.ts'
import { stepsFor } from '../../steps/index.ts'
import { type RequiredProvider, registrationOf, requiredProviders } from '../../steps/providers.ts'
import { existingResources } from './existing-resources.ts'
import { signedInTenant } from './sign-in.ts'

const providerSettings = [
  'subscription',
  'clusterSubscription',
  'identitySubscription',
  'vaultSubscription',
  'identityKind',
  'issuer',
  'context',
  'kubeconfig',
  'grants',
  'createStorage',
] as const

export const providersRegistered = check<{ unregistered: RequiredProvider[] }>()({
  code: 'WI803',
  title: 'The resource providers are registered, or you can register them',
  link: 'caller',
  uses: providerSettings,
  needs: { caller: signedInTenant },
  async run({ settings, inSubscription, roles }) {
    const required = requiredProviders(settings)
    const states = await Promise.all(required.map((each) => registrationOf(each, inSubscription)))
    const unregistered = required.filter((_, index) => !/^Regist(ered|ering)$/.test(states[index]!))
    if (unregistered.length === 0) return pass({ unregistered })
    const allowed = await Promise.all(
      unregistered.map(async ({ namespace, subscription }) =>
        allows(await roles.permissions(`/subscriptions/${subscription}`), `${namespace}/register/action`),
      ),
    )
    const denied = unregistered.filter((_, index) => !allowed[index])
    const names = (all: readonly RequiredProvider[]) =>
      all
        .map(({ namespace, subscription }) => `${namespace}${inOtherSubscription(settings, subscription)}`)
        .join(', ')
    if (denied.length === 0) return pass({ unregistered }, `will be registered: ${names(unregistered)}`)
    return fail({
      detail: `You aren't allowed to register ${names(denied)} in the subscription. Ask someone with Contributor on it to run the fix.`,
      is: 'NotRegistered',
      should: 'Registered',
      remedy: inSequence(
        ...denied.map(({ namespace, subscription }) =>
          az('provider register', { namespace, wait: true, subscription }),
        ),
      ),
    })
  },
})

export const azureRights = check()({
  code: 'WI804',
  title: 'You have the Azure permissions that the set-up needs',
  link: 'caller',
  uses: [
    ...providerSettings,
    'resourceGroup',
    'clusterResourceGroup',
    'vaultResourceGroup',
    'vaultAccess',
    'webhook',
  ],
  needs: { caller: signedInTenant, existing: existingResources },
  async run({ settings, caller, existing, roles, inSubscription }) {
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
    const missing = await findMissingActions({ roles, inSubscription }, settings.subscription, required)
    if (missing.length === 0) return pass(true as const)
    const lacking = missingRoles(missing)
    const actions = [...new Set(missing.map(({ action }) => action))]
    return fail({
      detail: `${caller.name} lacks Azure permissions that the set-up needs. Ask an Owner to run the fix.`,
      is: `missing ${actions.join(', ')}`,
      should: lacking.map(({ role, scope }) => `${role} at ${scope}`).join(', '),
      remedy: inSequence(
        ...lacking.map(({ role, scope }) =>
          az('role assignment create', {
            role,
            'assignee-object-id': caller.objectId,
            'assignee-principal-type': caller.kind === 'app' ? 'ServicePrincipal' : 'User',
            scope,
          }),
        ),
      ),
    })
  },
})
