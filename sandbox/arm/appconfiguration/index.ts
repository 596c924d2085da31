import { type NameRule, nameCheckRoute, requireFreeName } from '../accounts/account-names.ts'
import type { AccountType } from '../accounts/account-type.ts'
import { accountOperations, accountRoutes, deleteAccount } from '../accounts/accounts.ts'
import { accessModes, oneOf } from '../accounts/input.ts'
import { ArmError } from '../errors.ts'
import type { ResourceProvider } from '../provider.ts'
import { dotNetTimestamp } from '../timestamps.ts'

const type = 'Microsoft.AppConfiguration/configurationStores'
const versions = ['2024-06-01', '2024-05-01', '2023-03-01', '2022-05-01']

const names: NameRule = {
  type,
  isValid: (name) => /^[a-z0-9_-]{5,50}$/i.test(name),
  invalid: (name) => ({
    code: 'NameInvalid',
    message: `The store name '${name}' is invalid. It must be 5 to 50 characters of letters, digits, '-' and '_'.`,
  }),
  taken: () => ({ code: 'NameUnavailable', message: 'The specified name is already in use.' }),
  takenStatus: 409,
}

const skus = ['Free', 'Developer', 'Standard', 'Premium'] as const

const store: AccountType = {
  type,
  shape: {
    sku: { name: 'string' },
    identity: 'object',
    properties: {
      disableLocalAuth: 'boolean',
      enablePurgeProtection: 'boolean',
      publicNetworkAccess: 'string',
      softDeleteRetentionInDays: 'number',
    },
  },
  requireName: (request, name) => requireFreeName(request, names, name),
  members({ simulator, params }, { sku, identity, properties = {} }, _, createdAt) {
    if (!sku?.name) throw new ArmError(400, 'MissingRequiredProperty', "The property 'sku' is required.")
    const { publicNetworkAccess: access } = properties
    return {
      sku: { name: oneOf('sku.name', sku.name, skus, 'Standard').toLowerCase() },
      ...(identity !== undefined && { identity }),
      properties: {
        creationDate: dotNetTimestamp(createdAt),
        endpoint: `https://${params.name!.toLowerCase()}.${simulator.hostSuffix('azconfig')}`,
        encryption: { keyVaultProperties: null },
        privateEndpointConnections: null,
        publicNetworkAccess: access ? oneOf('publicNetworkAccess', access, accessModes, 'Enabled') : null,
        disableLocalAuth: properties.disableLocalAuth ?? false,
        softDeleteRetentionInDays: properties.softDeleteRetentionInDays ?? 7,
        enablePurgeProtection: properties.enablePurgeProtection ?? false,
      },
    }
  },
  createdStatus: 201,
  operations: 'operationsStatus',
  onDelete(simulator, { body }) {
    delete simulator.state.appConfig[body.name.toLowerCase()]
  },
}

export const appConfigurationProvider: ResourceProvider = {
  namespace: 'Microsoft.AppConfiguration',
  types: [
    { name: 'configurationStores', versions },
    { name: 'checkNameAvailability', versions, global: true },
    { name: 'locations', versions, global: true },
    { name: 'locations/operationsStatus', versions },
    { name: 'operations', versions, global: true },
  ],
  routes: [...accountRoutes(store), nameCheckRoute(names)],
  deleteResource: (simulator, resource) => deleteAccount(simulator, store, resource),
  operations: accountOperations(store),
}
