import type { Clients } from '../clients/clients.ts'
import { absent, nothingToRemove, step } from '../engine/step.ts'
import type { Settings } from '../settings/settings.ts'
import { usesVault } from '../settings/table.ts'
import { usesAks } from '../settings/uses-aks.ts'
import { inOtherSubscription } from './groups.ts'
import { creatableAccounts } from './storage-names.ts'

/** The resource providers that Azure needs registered in the subscription. */
export const providers = step<object>()({
  id: 'providers',
  title: 'resource providers',
  uses: [
    'issuer',
    'context',
    'kubeconfig',
    'identityKind',
    'subscription',
    'clusterSubscription',
    'identitySubscription',
    'vaultSubscription',
    'grants',
    'createStorage',
  ],
  needs: {},
  usualDuration: 'about 1 min',
  waitingFor: 'for Azure to register them',
  label: () => '',
  actionsToApply: (settings) =>
    requiredProviders(settings).map(({ namespace, subscription }) => ({
      action: `${namespace}/register/action`,
      subscription,
    })),
  async inspect({ settings, inSubscription }) {
    const wanted = requiredProviders(settings)
    const states = await Promise.all(wanted.map((each) => registrationOf(each, inSubscription)))
    const open = wanted.filter((_, index) => states[index] !== 'Registered')
    return open.length
      ? absent(
          open
            .map((each) => `${each.namespace}${inOtherSubscription(settings, each.subscription)}`)
            .join(', '),
        )
      : { state: 'ready', out: {}, owned: false }
  },
  // Never unregistered: others may use them, and they are free of charge.
  removability: async () => nothingToRemove,
  async apply({ settings, inSubscription }) {
    await Promise.all(
      requiredProviders(settings).map(async (each) => {
        const state = await registrationOf(each, inSubscription)
        if (state !== 'Registered' && state !== 'Registering')
          await inSubscription(each.subscription).providers.register(each.namespace)
      }),
    )
  },
})

/** A resource provider that must be registered in a subscription. */
export interface RequiredProvider {
  namespace: string
  subscription: string
}

/** Returns `Registered`, `Registering`, `NotRegistered`, … */
export const registrationOf = (
  { namespace, subscription }: RequiredProvider,
  inSubscription: Clients['inSubscription'],
): Promise<string> => inSubscription(subscription).providers.state(namespace)

type ProviderSettings = Pick<
  Settings,
  | 'issuer'
  | 'context'
  | 'kubeconfig'
  | 'identityKind'
  | 'clusterSubscription'
  | 'identitySubscription'
  | 'vaultSubscription'
  | 'grants'
  | 'createStorage'
  | 'subscription'
> &
  Partial<Pick<Settings, 'vault'>>

export const requiredProviders = (settings: ProviderSettings): RequiredProvider[] => [
  ...(usesAks(settings)
    ? [{ namespace: 'Microsoft.ContainerService', subscription: settings.clusterSubscription }]
    : []),
  ...(settings.identityKind === 'managed'
    ? [{ namespace: 'Microsoft.ManagedIdentity', subscription: settings.identitySubscription }]
    : []),
  ...(usesVault(settings)
    ? [{ namespace: 'Microsoft.KeyVault', subscription: settings.vaultSubscription }]
    : []),
  ...(creatableAccounts(settings).length
    ? [{ namespace: 'Microsoft.Storage', subscription: settings.subscription }]
    : []),
]
