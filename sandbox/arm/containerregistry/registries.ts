import { type NameRule, requireFreeName } from '../accounts/account-names.ts'
import type { AccountType } from '../accounts/account-type.ts'
import { networkShape, oneOf } from '../accounts/input.ts'
import { ArmError } from '../errors.ts'
import { dotNetTimestamp } from '../timestamps.ts'

export const registryTypeName = 'Microsoft.ContainerRegistry/registries'

export const registryNames: NameRule = {
  type: registryTypeName,
  isValid: (name) => /^[a-z0-9]{5,50}$/i.test(name),
  invalid: (name) => ({
    code: 'NameInvalid',
    message: `The registry name '${name}' is invalid. It must be 5 to 50 letters and digits.`,
  }),
  taken: (name) => ({
    code: 'AlreadyInUse',
    message: `The registry DNS name ${name.toLowerCase()}.azurecr.io is already in use. You can check if the name is already claimed using following API: https://docs.microsoft.com/en-us/rest/api/containerregistry/registries/checknameavailability`,
  }),
  takenStatus: 409,
}

const skus = ['Basic', 'Standard', 'Premium'] as const
const modes = ['LegacyRegistryPermissions', 'AbacRepositoryPermissions'] as const
const access = ['Enabled', 'Disabled'] as const
const switches = ['enabled', 'disabled'] as const

/** API versions before these hide `roleAssignmentMode`. */
const showsMode = (version: string) =>
  version.endsWith('-preview') ? version >= '2025-03-01-preview' : version >= '2025-11-01'

function requireSku(sku: { name?: string } | undefined) {
  if (!sku?.name) throw new ArmError(400, 'MissingRequiredProperty', "The property 'sku' is required.")
  const name = oneOf('sku.name', sku.name, skus, 'Basic')
  return { name, tier: name }
}

/** Returns the network properties. Only a Premium registry can restrict the network. Throws 400. */
function networkProperties(tier: string, input: Record<string, unknown>) {
  const rules = input.networkRuleSet as { defaultAction?: string } | undefined
  const publicNetworkAccess = oneOf('publicNetworkAccess', input.publicNetworkAccess, access, 'Enabled')
  const restricts = rules?.defaultAction?.toLowerCase() === 'deny' || publicNetworkAccess === 'Disabled'
  if (restricts && tier !== 'Premium')
    throw new ArmError(
      400,
      'FeatureNotSupported',
      `The network rules are not supported for the SKU ${tier}. Use the SKU Premium.`,
    )
  return {
    publicNetworkAccess,
    networkRuleBypassOptions: 'AzureServices',
    ...(tier === 'Premium' && { networkRuleSet: { defaultAction: 'Allow', ipRules: [], ...rules } }),
  }
}

export const registry: AccountType = {
  type: registryTypeName,
  shape: {
    sku: { name: 'string' },
    identity: 'object',
    properties: {
      adminUserEnabled: 'boolean',
      anonymousPullEnabled: 'boolean',
      publicNetworkAccess: 'string',
      networkRuleSet: networkShape,
      roleAssignmentMode: 'string',
      policies: { azureADAuthenticationAsArmPolicy: { status: 'string' } },
    },
  },
  requireName: (request, name) => requireFreeName(request, registryNames, name),
  members({ simulator, params }, { sku, identity, properties = {} }, current, createdAt) {
    const { name, tier } = requireSku(sku)
    const policies = properties.policies as
      | { azureADAuthenticationAsArmPolicy?: { status?: string } }
      | undefined
    const status = policies?.azureADAuthenticationAsArmPolicy?.status
    const mode = properties.roleAssignmentMode ?? current?.body.properties.roleAssignmentMode
    return {
      sku: { name, tier },
      ...(identity !== undefined && { identity }),
      properties: {
        loginServer: `${params.name!.toLowerCase()}.${simulator.hostSuffix('azurecr')}`,
        creationDate: dotNetTimestamp(createdAt),
        adminUserEnabled: properties.adminUserEnabled ?? false,
        anonymousPullEnabled: properties.anonymousPullEnabled ?? false,
        dataEndpointEnabled: false,
        policies: {
          azureADAuthenticationAsArmPolicy: {
            status: oneOf('azureADAuthenticationAsArmPolicy.status', status, switches, 'enabled'),
          },
        },
        privateEndpointConnections: [],
        ...networkProperties(tier, properties),
        roleAssignmentMode: oneOf('roleAssignmentMode', mode, modes, 'LegacyRegistryPermissions'),
      },
    }
  },
  view(body, version) {
    if (showsMode(version)) return body
    const { roleAssignmentMode: _, ...properties } = body.properties
    return { ...body, properties }
  },
  createdStatus: 201,
  operations: 'operationStatuses',
  onDelete(simulator, { body }) {
    delete simulator.state.acr[body.name.toLowerCase()]
  },
}
