import { isNameTaken, type NameRule, requireFreeName } from '../accounts/account-names.ts'
import type { AccountType } from '../accounts/account-type.ts'
import { accessModes, oneOf } from '../accounts/input.ts'
import type { ArmRoute } from '../request.ts'
import { regionName, regions } from '../resources/regions.ts'
import { badRequest } from './bad-request.ts'

export const accountTypeName = 'Microsoft.DocumentDB/databaseAccounts'

const names: NameRule = {
  type: accountTypeName,
  isValid: (name) => /^[a-z0-9](?:[a-z0-9-]{1,42}[a-z0-9])$/.test(name),
  invalid: (name) => ({
    code: 'BadRequest',
    message: `Invalid DatabaseAccount name '${name}'. It must be 3 to 44 lower-case letters, digits and hyphens, and begin and end with a letter or digit.`,
  }),
  taken: (name) => ({
    code: 'BadRequest',
    message: `Dns record for ${name} under zone Document is already taken. Please choose a different name for the account.`,
  }),
  takenStatus: 400,
}

interface LocationInput {
  locationName?: string
  failoverPriority?: number
}

/** Returns the regions of an account as responses show them, the write region first. */
function locationsOf(name: string, suffix: string, input: unknown, location: string) {
  const given = (input as LocationInput[] | undefined)?.length
    ? (input as LocationInput[])
    : [{ locationName: location, failoverPriority: 0 }]
  return given
    .toSorted((a, b) => (a.failoverPriority ?? 0) - (b.failoverPriority ?? 0))
    .map(({ locationName = location, failoverPriority = 0 }) => {
      const region = regionName(locationName)
      return {
        id: `${name}-${region}`,
        locationName: regions.find((each) => each.name === region)?.displayName ?? locationName,
        documentEndpoint: `https://${name}-${region}.${suffix}/`,
        provisioningState: 'Succeeded',
        failoverPriority,
        isZoneRedundant: false,
      }
    })
}

export const cosmosAccount: AccountType = {
  type: accountTypeName,
  shape: {
    identity: 'object',
    properties: {
      databaseAccountOfferType: 'string',
      disableLocalAuth: 'boolean',
      publicNetworkAccess: 'string',
      ipRules: [{ ipAddressOrRange: 'string' }],
      isVirtualNetworkFilterEnabled: 'boolean',
      locations: [{ locationName: 'string', failoverPriority: 'number' }],
    },
  },
  requireName: (request, name) => requireFreeName(request, names, name),
  members({ simulator, params }, { kind, identity, location, properties = {} }, current) {
    if (!current && properties.databaseAccountOfferType !== 'Standard')
      throw badRequest("databaseAccountOfferType must be 'Standard'.")
    const name = params.name!.toLowerCase()
    const suffix = simulator.hostSuffix('documents')
    const locations = locationsOf(
      name,
      suffix,
      properties.locations,
      String(location ?? current?.body.location),
    )
    return {
      kind: kind ?? 'GlobalDocumentDB',
      ...(identity !== undefined && { identity }),
      properties: {
        documentEndpoint: `https://${name}.${suffix}/`,
        publicNetworkAccess: oneOf(
          'publicNetworkAccess',
          properties.publicNetworkAccess,
          accessModes,
          'Enabled',
        ),
        enableAutomaticFailover: false,
        enableMultipleWriteLocations: false,
        isVirtualNetworkFilterEnabled: properties.isVirtualNetworkFilterEnabled ?? false,
        virtualNetworkRules: properties.virtualNetworkRules ?? [],
        disableKeyBasedMetadataWriteAccess: false,
        enableFreeTier: false,
        databaseAccountOfferType: 'Standard',
        disableLocalAuth: properties.disableLocalAuth ?? false,
        networkAclBypass: 'None',
        minimalTlsVersion: 'Tls12',
        consistencyPolicy: properties.consistencyPolicy ?? {
          defaultConsistencyLevel: 'Session',
          maxIntervalInSeconds: 5,
          maxStalenessPrefix: 100,
        },
        writeLocations: locations.slice(0, 1),
        readLocations: locations,
        locations,
        failoverPolicies: locations.map(({ id, locationName, failoverPriority }) => ({
          id,
          locationName,
          failoverPriority,
        })),
        ipRules: properties.ipRules ?? [],
        capabilities: properties.capabilities ?? [],
        instanceId:
          (current?.body.properties as { instanceId?: string } | undefined)?.instanceId ??
          crypto.randomUUID(),
      },
    }
  },
  createdStatus: 200,
  operations: 'operationsStatus',
  onDelete(simulator, { body }) {
    delete simulator.state.cosmos[body.name.toLowerCase()]
  },
}

/** The name check: 200 if the name is taken, 404 if it is free. */
export const accountNameRoute: ArmRoute = {
  method: 'HEAD',
  path: '/providers/Microsoft.DocumentDB/databaseAccountNames/:name',
  action: 'none',
  handler: (request) => ({
    status: isNameTaken(request, [accountTypeName], request.params.name!) ? 200 : 404,
  }),
}
