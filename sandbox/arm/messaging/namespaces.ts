import { deleteStores } from '../../messaging/message-store.ts'
import { label, types } from '../../messaging/namespaces.ts'
import type { NameRule } from '../accounts/account-names.ts'
import { requireFreeName } from '../accounts/account-names.ts'
import type { AccountBody, AccountType } from '../accounts/account-type.ts'
import { accessModes, oneOf } from '../accounts/input.ts'
import { notFound } from '../errors.ts'
import type { ArmRequest } from '../request.ts'
import { findResource } from '../resources/resources.ts'
import type { Resource } from '../state.ts'
import { dotNetTimestamp } from '../timestamps.ts'
import type { MessagingProvider } from './messaging-provider.ts'

export const nameRule = ({ namespace }: MessagingProvider): NameRule => ({
  type: `${namespace}/namespaces`,
  otherTypes: Object.values(types),
  isValid: (name) =>
    /^[a-z][a-z0-9-]{4,48}[a-z0-9]$/i.test(name) && !name.includes('--') && !/-(sb|mgmt)$/i.test(name),
  invalid: () => ({
    code: 'BadRequest',
    message:
      'The specified namespace name is invalid: it must be 6 to 50 letters, digits and hyphens, begin with a letter, end with a letter or digit, and not end with "-sb" or "-mgmt".',
  }),
  taken: () => ({
    code: 'BadRequest',
    message:
      'The specified name is not available. For more information visit https://aka.ms/eventhubsarmexceptions.',
  }),
  takenStatus: 400,
})

const isoTime = (ms: number) => dotNetTimestamp(ms).replace('0000Z', 'Z')

/** Properties that only the service sets. */
function computed({ simulator, params }: ArmRequest, createdAt: number) {
  const name = params.name!.toLowerCase()
  return {
    metricId: `${params.subscription}:${name}`,
    createdAt: isoTime(createdAt),
    updatedAt: isoTime(simulator.now()),
    serviceBusEndpoint: `https://${name}.${simulator.hostSuffix(label)}/`,
    status: 'Active',
  }
}

function members(provider: MessagingProvider, request: ArmRequest, input: AccountBody, createdAt: number) {
  const { sku, identity, properties = {} } = input
  const name = oneOf('sku.name', sku?.name, provider.skus, 'Standard')
  return {
    sku: { name, tier: name },
    ...(identity !== undefined && { identity }),
    properties: {
      minimumTlsVersion: '1.2',
      disableLocalAuth: false,
      zoneRedundant: true,
      ...provider.defaults,
      ...properties,
      publicNetworkAccess: oneOf(
        'publicNetworkAccess',
        properties.publicNetworkAccess,
        accessModes,
        'Enabled',
      ),
      ...computed(request, createdAt),
    },
  }
}

export const namespaceType = (provider: MessagingProvider): AccountType => ({
  type: `${provider.namespace}/namespaces`,
  shape: {
    sku: { name: 'string', tier: 'string', capacity: 'number' },
    identity: 'object',
    properties: {
      disableLocalAuth: 'boolean',
      minimumTlsVersion: 'string',
      publicNetworkAccess: 'string',
      zoneRedundant: 'boolean',
      ...provider.shape,
    },
  },
  requireName: (request, name) => requireFreeName(request, nameRule(provider), name),
  members: (request, input, _, createdAt) => members(provider, request, input, createdAt),
  createdStatus: 200,
  operations: 'operations',
  onDelete: (simulator, { body }) => deleteStores(simulator, body.id),
})

/** Returns the namespace that a request is about, or about a part of. Throws 404. */
export function requireNamespace({ simulator, id }: ArmRequest): Resource {
  const resource = findResource(simulator, id.split('/').slice(0, 9).join('/'))
  if (!resource) throw notFound(id)
  return resource
}
