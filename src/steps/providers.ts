import { absent, nothingToRemove, step } from '../engine/step.ts'

/** The resource providers that Azure needs registered in the subscription. */
export const providers = step<object>()({
  id: 'providers',
  title: 'resource providers',
  uses: ['context', 'kubeconfig', 'identityKind'],
  needs: {},
  usualDuration: 'about 1 min',
  waitingFor: 'for Azure to register them',
  label: () => '',
  actionsToApply: (settings) =>
    requiredProviders(settings).map((namespace) => ({ action: `${namespace}/register/action` })),
  async inspect({ settings, providers }) {
    const wanted = requiredProviders(settings)
    const states = await Promise.all(wanted.map((namespace) => providers.state(namespace)))
    const open = wanted.filter((_, index) => states[index] !== 'Registered')
    return open.length ? absent(open.join(', ')) : { state: 'ready', out: {}, owned: false }
  },
  // Never unregistered: others may use them, and they are free of charge.
  removability: async () => nothingToRemove,
  async apply({ settings, providers }) {
    await Promise.all(
      requiredProviders(settings).map(async (namespace) => {
        const state = await providers.state(namespace)
        if (state !== 'Registered' && state !== 'Registering') await providers.register(namespace)
      }),
    )
  },
})

export const requiredProviders = (settings: {
  context?: string | undefined
  kubeconfig?: string | undefined
  identityKind: 'app' | 'managed'
}) => [
  ...(settings.context === undefined && settings.kubeconfig === undefined
    ? ['Microsoft.ContainerService']
    : []),
  ...(settings.identityKind === 'managed' ? ['Microsoft.ManagedIdentity'] : []),
  'Microsoft.KeyVault',
]
