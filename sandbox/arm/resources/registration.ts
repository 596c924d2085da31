import type { Reply } from '../../http.ts'
import type { SandboxState } from '../../sandbox-state.ts'
import type { Simulator } from '../../simulator.ts'
import { ArmError, sandboxOnly } from '../errors.ts'
import { listBody } from '../lists.ts'
import type { ResourceProvider } from '../provider.ts'
import { findProvider, providers } from '../providers.ts'
import type { ArmRequest, ArmRoute } from '../request.ts'
import { subscriptionId, subscriptionPath } from '../subscription-path.ts'
import { regions } from './regions.ts'
import { resourcesWithin } from './resources.ts'

/** Returns the key of a provider's registration in the subscription that the path begins with. */
function registrationKey({ state }: Simulator, { namespace }: ResourceProvider, path: string): string {
  const prefix = subscriptionId(path)
  return `${prefix === state.subscription.id ? '' : `${prefix}/`}${namespace.toLowerCase()}`
}

function registration(simulator: Simulator, provider: ResourceProvider, path: string): string {
  if (provider.alwaysRegistered) return 'Registered'
  const entry = simulator.state.arm.providers[registrationKey(simulator, provider, path)]
  if (!entry) return 'NotRegistered'
  return simulator.isPending(entry.registeredAt, 'providerRegister') ? 'Registering' : 'Registered'
}

/** Registers all providers, as if long ago. */
export function registerProviders({ arm }: SandboxState): void {
  for (const { namespace, alwaysRegistered } of providers)
    if (!alwaysRegistered) arm.providers[namespace.toLowerCase()] ??= { namespace, registeredAt: 0 }
}

/** Throws 409 for a write to a provider that is not registered. */
export function requireRegistered(simulator: Simulator, provider: ResourceProvider, path: string): void {
  if (registration(simulator, provider, path) === 'Registered') return
  const message = `The subscription is not registered to use namespace '${provider.namespace}'. See https://aka.ms/rps-not-found for how to register subscriptions.`
  throw new ArmError(409, 'MissingSubscriptionRegistration', message, {
    by: 'gateway',
    details: [{ code: 'MissingSubscriptionRegistration', target: provider.namespace, message }],
  })
}

const providerView = ({ simulator, id }: ArmRequest, provider: ResourceProvider) => ({
  id: `${subscriptionPath(id)}/providers/${provider.namespace}`,
  namespace: provider.namespace,
  ...(provider.authorizations && { authorizations: provider.authorizations }),
  resourceTypes: provider.types.map((type) => ({
    resourceType: type.name,
    locations: type.global ? [] : regions.map((region) => region.displayName),
    apiVersions: type.versions,
    defaultApiVersion: type.versions[0],
    capabilities: type.global ? 'None' : 'SupportsTags, SupportsLocation',
  })),
  registrationState: registration(simulator, provider, id),
  registrationPolicy: provider.alwaysRegistered ? 'RegistrationFree' : 'RegistrationRequired',
})

export const invalidNamespace = (namespace: string) =>
  new ArmError(
    404,
    'InvalidResourceNamespace',
    `The resource namespace '${namespace}' is invalid.${sandboxOnly}`,
    { by: 'gateway' },
  )

function requireProvider({ params }: ArmRequest): ResourceProvider {
  const provider = findProvider(params.namespace!)
  if (!provider) throw invalidNamespace(params.namespace!)
  return provider
}

function register(request: ArmRequest): Reply {
  const provider = requireProvider(request)
  const { providers: registered } = request.simulator.state.arm
  const key = registrationKey(request.simulator, provider, request.id)
  if (!provider.alwaysRegistered && !registered[key]) {
    registered[key] = { namespace: provider.namespace, registeredAt: request.simulator.now() }
    return {
      status: 200,
      body: { ...providerView(request, provider), registrationState: 'Registering' },
    }
  }
  return { status: 200, body: providerView(request, provider) }
}

function unregister(request: ArmRequest): Reply {
  const provider = requireProvider(request)
  const inUse = resourcesWithin(request.simulator, subscriptionPath(request.id)).some(({ body }) =>
    body.type.toLowerCase().startsWith(`${provider.namespace.toLowerCase()}/`),
  )
  if (provider.alwaysRegistered || inUse)
    throw new ArmError(
      409,
      'CannotUnregisterProvider',
      `The namespace '${provider.namespace}' cannot be unregistered: the subscription has resources of it.`,
      { by: 'gateway' },
    )
  delete request.simulator.state.arm.providers[registrationKey(request.simulator, provider, request.id)]
  return { status: 200, body: providerView(request, provider) }
}

const path = '/subscriptions/:subscription/providers'
const read = 'Microsoft.Resources/subscriptions/providers/read'

export const registrationRoutes: ArmRoute[] = [
  {
    method: 'GET',
    path,
    action: read,
    onSubscription: true,
    handler: (request) => ({
      status: 200,
      body: listBody(
        request,
        providers.map((provider) => providerView(request, provider)),
      ),
    }),
  },
  {
    method: 'GET',
    path: `${path}/:namespace`,
    action: read,
    onSubscription: true,
    handler: (request) => ({ status: 200, body: providerView(request, requireProvider(request)) }),
  },
  {
    method: 'POST',
    path: `${path}/:namespace/register`,
    action: ({ namespace }) => `${namespace}/register/action`,
    onSubscription: true,
    handler: register,
  },
  {
    method: 'POST',
    path: `${path}/:namespace/unregister`,
    action: ({ namespace }) => `${namespace}/unregister/action`,
    onSubscription: true,
    handler: unregister,
  },
]
