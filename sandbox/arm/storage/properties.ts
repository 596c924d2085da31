import type { Simulator } from '../../simulator.ts'
import { isKind } from '../../storage/accounts.ts'
import { ArmError } from '../errors.ts'
import { commonMembers, type Shape } from '../request-body.ts'
import { dotNetTimestamp } from '../timestamps.ts'

export interface AccountBody {
  location?: string
  kind?: string
  sku?: { name?: string }
  tags?: Record<string, string>
  properties?: Record<string, unknown>
}

export const accountShape: Shape = {
  ...commonMembers,
  sku: { name: 'string', tier: 'string' },
  properties: {
    accessTier: 'string',
    allowBlobPublicAccess: 'boolean',
    allowSharedKeyAccess: 'boolean',
    defaultToOAuthAuthentication: 'boolean',
    isHnsEnabled: 'boolean',
    minimumTlsVersion: 'string',
    networkAcls: {
      bypass: 'string',
      defaultAction: 'string',
      ipRules: [{ value: 'string', action: 'string' }],
      virtualNetworkRules: [{ id: 'string', action: 'string' }],
    },
    publicNetworkAccess: 'string',
    supportsHttpsTrafficOnly: 'boolean',
  },
}

const skuNames = 'LRS,GRS,RAGRS,ZRS,GZRS,RAGZRS'.split(',').map((name) => `Standard_${name}`)
const isSku = (name: string | undefined) =>
  name !== undefined && [...skuNames, 'Premium_LRS', 'Premium_ZRS'].includes(name)

export const skuOf = (name: string) => ({ name, tier: name.split('_')[0] })

const invalidValue = (property: string) =>
  new ArmError(
    400,
    'InvalidValuesForRequestParameters',
    `Values for request parameters are invalid: ${property}.`,
  )

/** The values that a property may have, with the spelling of the response. */
const choices: Record<string, readonly string[]> = {
  publicNetworkAccess: ['Enabled', 'Disabled', 'SecuredByPerimeter'],
  minimumTlsVersion: ['TLS1_0', 'TLS1_1', 'TLS1_2', 'TLS1_3'],
  accessTier: ['Hot', 'Cool', 'Cold', 'Premium'],
}

/** Throws 400 for values that Storage rejects, and for changes of what can't be changed. */
export function checkAccount(
  { kind, sku, properties = {} }: AccountBody,
  current?: { kind: string; properties: Record<string, unknown> },
): void {
  if ((!current && kind === undefined) || (kind !== undefined && !isKind(kind))) throw invalidValue('kind')
  if ((!current && sku === undefined) || (sku !== undefined && !isSku(sku.name))) throw invalidValue('sku')
  for (const [name, values] of Object.entries(choices)) {
    const value = properties[name]
    if (value != null && !values.includes(String(value))) throw invalidValue(name)
  }
  const { defaultAction } = (properties.networkAcls ?? {}) as { defaultAction?: string }
  if (defaultAction !== undefined && !/^(allow|deny)$/i.test(defaultAction))
    throw invalidValue('networkAcls.defaultAction')
  const changes = current && {
    kind:
      kind !== undefined && kind !== current.kind && !(current.kind === 'Storage' && kind === 'StorageV2'),
    isHnsEnabled:
      properties.isHnsEnabled !== undefined &&
      properties.isHnsEnabled !== (current.properties.isHnsEnabled ?? false),
  }
  for (const [name, isChanged] of Object.entries(changes ?? {}))
    if (isChanged)
      throw new ArmError(
        409,
        'AccountPropertyCannotBeUpdated',
        `The property '${name}' was specified in the input, but it cannot be updated as it is read-only. For more information, see - https://aka.ms/storageaccountupdate`,
      )
}

/** Returns `networkAcls` with the members that a response always has. */
function networkAcls(input: unknown): Record<string, unknown> {
  const acls = (input ?? {}) as Record<string, unknown> & { ipRules?: { value: string }[] }
  return {
    ipv6Rules: [],
    bypass: 'AzureServices',
    virtualNetworkRules: [],
    ...acls,
    ipRules: (acls.ipRules ?? []).map(({ value }) => ({ value, action: 'Allow' })),
    defaultAction: /^deny$/i.test(String(acls.defaultAction)) ? 'Deny' : 'Allow',
  }
}

const readOnly = [
  'creationTime',
  'keyCreationTime',
  'primaryEndpoints',
  'primaryLocation',
  'privateEndpointConnections',
  'provisioningState',
  'statusOfPrimary',
]

/** Returns the properties of an account after a write. What the request omits keeps its value. */
export function accountProperties(
  simulator: Simulator,
  input: Record<string, unknown>,
  current: Record<string, unknown> = {},
): Record<string, unknown> {
  const now = dotNetTimestamp(simulator.now())
  const encrypted = { keyType: 'Account', enabled: true, lastEnabledTime: now }
  const given = Object.fromEntries(
    Object.entries(input).filter(([name, value]) => value != null && !readOnly.includes(name)),
  )
  const merged = { ...current, ...given }
  return {
    keyCreationTime: { key1: now, key2: now },
    privateEndpointConnections: [],
    minimumTlsVersion: 'TLS1_2',
    allowBlobPublicAccess: false,
    supportsHttpsTrafficOnly: true,
    encryption: { services: { file: encrypted, blob: encrypted }, keySource: 'Microsoft.Storage' },
    accessTier: 'Hot',
    creationTime: now,
    ...merged,
    networkAcls: networkAcls(merged.networkAcls),
  }
}
