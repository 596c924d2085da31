import type { Reply } from '../../http.ts'
import type { Simulator } from '../../simulator.ts'
import { ArmError, sandboxOnly } from '../errors.ts'
import { listBody } from '../lists.ts'
import type { ArmRequest, ArmRoute } from '../request.ts'
import { regions } from './regions.ts'

/** What a provider offers: its types with their api-versions, newest first. `global` types have no locations. */
interface Provider {
  namespace: string
  types: { name: string; versions: string[]; global?: true }[]
  /** The provider's own applications, and the roles that they hold in the subscription. */
  authorizations?: { applicationId: string; roleDefinitionId?: string }[]
  /** Part of Resource Manager itself; nobody has to register it. */
  free?: true
}

const clusterVersions = [
  '2026-04-01',
  '2026-01-01',
  '2025-10-01',
  '2025-07-01',
  '2025-05-01',
  '2025-02-01',
  '2024-09-01',
]
const identityVersions = ['2024-11-30', '2023-01-31', '2022-01-31-preview', '2018-11-30']
const vaultVersions = [
  '2026-02-01',
  '2025-05-01',
  '2024-11-01',
  '2023-07-01',
  '2023-02-01',
  '2022-07-01',
  '2021-10-01',
]
const storageVersions = ['2025-08-01', '2025-06-01', '2025-01-01', '2024-01-01', '2023-05-01']
const resourceVersions = ['2025-04-01', '2024-11-01', '2024-07-01', '2022-12-01', '2021-04-01', '2015-11-01']
const authorizationVersions = ['2022-04-01', '2020-04-01-preview', '2018-07-01', '2015-07-01']
const global = true as const

const providers: Provider[] = [
  {
    namespace: 'Microsoft.ContainerService',
    types: [
      { name: 'managedClusters', versions: clusterVersions },
      { name: 'managedClusters/agentPools', versions: clusterVersions },
      { name: 'locations', versions: ['2017-08-31'] },
      { name: 'locations/operations', versions: ['2017-08-31', '2016-03-30'] },
      { name: 'locations/operationresults', versions: ['2017-08-31', '2016-03-30'] },
      { name: 'locations/kubernetesVersions', versions: clusterVersions },
    ],
  },
  {
    namespace: 'Microsoft.ManagedIdentity',
    types: [
      { name: 'identities', versions: identityVersions, global },
      { name: 'userAssignedIdentities', versions: identityVersions },
      { name: 'userAssignedIdentities/federatedIdentityCredentials', versions: identityVersions },
      { name: 'operations', versions: identityVersions, global },
    ],
  },
  {
    namespace: 'Microsoft.KeyVault',
    authorizations: [
      {
        applicationId: 'cfa8b339-82a2-471a-a3c9-0fc0be7a4093',
        roleDefinitionId: '1cf9858a-28a2-4228-abba-94e606305b95',
      },
      { applicationId: '589d5083-6f11-4d30-a62a-a4b316a14abf' },
    ],
    types: [
      { name: 'vaults', versions: vaultVersions },
      { name: 'vaults/secrets', versions: vaultVersions },
      { name: 'vaults/accessPolicies', versions: vaultVersions },
      { name: 'deletedVaults', versions: vaultVersions },
      { name: 'locations', versions: vaultVersions, global },
      { name: 'locations/deletedVaults', versions: vaultVersions },
      { name: 'locations/operationResults', versions: vaultVersions },
      { name: 'checkNameAvailability', versions: vaultVersions },
      { name: 'managedHSMs', versions: vaultVersions },
      { name: 'operations', versions: vaultVersions, global },
    ],
  },
  {
    namespace: 'Microsoft.Storage',
    types: [
      { name: 'storageAccounts', versions: storageVersions },
      { name: 'checkNameAvailability', versions: storageVersions, global },
      { name: 'operations', versions: storageVersions, global },
    ],
  },
  {
    namespace: 'Microsoft.Authorization',
    free: true,
    types: [
      { name: 'roleAssignments', versions: authorizationVersions, global },
      { name: 'roleDefinitions', versions: authorizationVersions, global },
      { name: 'permissions', versions: authorizationVersions, global },
    ],
  },
  {
    namespace: 'Microsoft.Resources',
    free: true,
    types: [
      { name: 'subscriptions', versions: resourceVersions, global },
      { name: 'resourceGroups', versions: resourceVersions, global },
      { name: 'subscriptions/resourceGroups', versions: resourceVersions, global },
      { name: 'subscriptions/locations', versions: resourceVersions, global },
      { name: 'resources', versions: resourceVersions, global },
      { name: 'tenants', versions: resourceVersions, global },
      { name: 'providers', versions: resourceVersions, global },
    ],
  },
]

export const findProvider = (namespace: string): Provider | undefined =>
  providers.find((provider) => provider.namespace.toLowerCase() === namespace.toLowerCase())

function registration(simulator: Simulator, { namespace, free }: Provider): string {
  if (free) return 'Registered'
  const entry = simulator.state.arm.providers[namespace.toLowerCase()]
  if (!entry) return 'NotRegistered'
  return simulator.isPending(entry.registeredAt, 'providerRegister') ? 'Registering' : 'Registered'
}

/** Throws 409 for a write to a provider that the subscription does not use yet. */
export function requireRegistered(simulator: Simulator, provider: Provider): void {
  if (registration(simulator, provider) === 'Registered') return
  const message = `The subscription is not registered to use namespace '${provider.namespace}'. See https://aka.ms/rps-not-found for how to register subscriptions.`
  throw new ArmError(409, 'MissingSubscriptionRegistration', message, {
    by: 'gateway',
    details: [{ code: 'MissingSubscriptionRegistration', target: provider.namespace, message }],
  })
}

const body = (simulator: Simulator, provider: Provider) => ({
  id: `/subscriptions/${simulator.state.subscription.id}/providers/${provider.namespace}`,
  namespace: provider.namespace,
  ...(provider.authorizations && { authorizations: provider.authorizations }),
  resourceTypes: provider.types.map((type) => ({
    resourceType: type.name,
    locations: type.global ? [] : regions.map((region) => region.displayName),
    apiVersions: type.versions,
    defaultApiVersion: type.versions[0],
    capabilities: type.global ? 'None' : 'SupportsTags, SupportsLocation',
  })),
  registrationState: registration(simulator, provider),
  registrationPolicy: provider.free ? 'RegistrationFree' : 'RegistrationRequired',
})

export const invalidNamespace = (namespace: string) =>
  new ArmError(
    404,
    'InvalidResourceNamespace',
    `The resource namespace '${namespace}' is invalid.${sandboxOnly}`,
    { by: 'gateway' },
  )

function known({ params }: ArmRequest): Provider {
  const provider = findProvider(params.namespace!)
  if (!provider) throw invalidNamespace(params.namespace!)
  return provider
}

function register(ask: ArmRequest): Reply {
  const provider = known(ask)
  const registered = ask.simulator.state.arm.providers
  const key = provider.namespace.toLowerCase()
  if (!provider.free && !registered[key]) {
    registered[key] = { namespace: provider.namespace, registeredAt: ask.simulator.now() }
    ask.simulator.markChanged()
    return { status: 200, body: { ...body(ask.simulator, provider), registrationState: 'Registering' } }
  }
  return { status: 200, body: body(ask.simulator, provider) }
}

function unregister(ask: ArmRequest): Reply {
  const provider = known(ask)
  const inUse = Object.values(ask.simulator.state.arm.resources).some(({ body }) =>
    body.type.toLowerCase().startsWith(`${provider.namespace.toLowerCase()}/`),
  )
  if (provider.free || inUse)
    throw new ArmError(
      409,
      'CannotUnregisterProvider',
      `The namespace '${provider.namespace}' cannot be unregistered: the subscription has resources of it.`,
      { by: 'gateway' },
    )
  delete ask.simulator.state.arm.providers[provider.namespace.toLowerCase()]
  ask.simulator.markChanged()
  return { status: 200, body: body(ask.simulator, provider) }
}

const path = '/subscriptions/{subscription}/providers'
const read = 'Microsoft.Resources/subscriptions/providers/read'

export const providerRoutes: ArmRoute[] = [
  {
    method: 'GET',
    path,
    action: read,
    onSubscription: true,
    handler: (ask) => ({
      status: 200,
      body: listBody(
        ask,
        providers.map((provider) => body(ask.simulator, provider)),
      ),
    }),
  },
  {
    method: 'GET',
    path: `${path}/{namespace}`,
    action: read,
    onSubscription: true,
    handler: (ask) => ({ status: 200, body: body(ask.simulator, known(ask)) }),
  },
  {
    method: 'POST',
    path: `${path}/{namespace}/register`,
    action: ({ namespace }) => `${namespace}/register/action`,
    onSubscription: true,
    handler: register,
  },
  {
    method: 'POST',
    path: `${path}/{namespace}/unregister`,
    action: ({ namespace }) => `${namespace}/unregister/action`,
    onSubscription: true,
    handler: unregister,
  },
]
