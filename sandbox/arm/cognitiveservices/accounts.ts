import { randomUUID } from 'node:crypto'
import type { AccountType } from '../accounts/account-type.ts'
import { accessModes, networkShape, oneOf } from '../accounts/input.ts'
import { ArmError } from '../errors.ts'
import type { ArmRequest, ArmRoute } from '../request.ts'
import { parseBody } from '../request-body.ts'
import { resourcesOfType } from '../resources/resources.ts'
import type { Resource } from '../state.ts'
import { dotNetTimestamp } from '../timestamps.ts'

export const accountTypeName = 'Microsoft.CognitiveServices/accounts'

/** Unlike an account's name, the subdomain is unique across all tenants. Others have those that begin with `taken`. */
const isTaken = ({ simulator }: ArmRequest, subdomain: string, own?: Resource) =>
  /^taken/i.test(subdomain) ||
  resourcesOfType(simulator, accountTypeName).some(
    (each) =>
      each !== own &&
      String(each.body.properties.customSubDomainName ?? '').toLowerCase() === subdomain.toLowerCase(),
  )

const takenMessage = (subdomain: string) =>
  `Please pick a different name. The subdomain name '${subdomain}' is not available as it's already used by a resource.`

function requireSubdomain(request: ArmRequest, wanted: unknown, current: Resource | undefined): void {
  const old = current?.body.properties.customSubDomainName
  if (wanted === undefined || wanted === null || wanted === old) return
  if (old) throw new ArmError(400, 'CustomDomainChangeNotAllowed', 'The custom subdomain cannot be changed.')
  const subdomain = String(wanted)
  if (!/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])$/i.test(subdomain))
    throw new ArmError(400, 'CustomDomainInvalid', `The subdomain name '${subdomain}' is not valid.`)
  if (isTaken(request, subdomain, current))
    throw new ArmError(409, 'CustomDomainInUse', takenMessage(subdomain))
}

/** Returns the URL of an account; without a subdomain it shares that of its region. */
function endpointOf({ simulator }: ArmRequest, kind: string, subdomain: unknown, region: string): string {
  if (!subdomain) return `https://${region}.${simulator.hostSuffix('api.cognitive')}/`
  const label = /^openai$/i.test(kind) ? 'openai' : 'cognitiveservices'
  return `https://${String(subdomain).toLowerCase()}.${simulator.hostSuffix(label)}/`
}

export const cognitiveAccount: AccountType = {
  type: accountTypeName,
  shape: {
    sku: { name: 'string' },
    identity: 'object',
    properties: {
      customSubDomainName: 'string',
      disableLocalAuth: 'boolean',
      publicNetworkAccess: 'string',
      networkAcls: networkShape,
    },
  },
  requireName({ params }) {
    if (!/^[a-z0-9][a-z0-9_.-]{1,63}$/i.test(params.name!))
      throw new ArmError(
        400,
        'AccountNameInvalid',
        `The account name '${params.name}' is invalid. It must be 2 to 64 letters, digits, '.', '-' and '_', and begin with a letter or digit.`,
      )
  },
  members(request, { kind, sku, identity, location, properties = {} }, current, createdAt) {
    if (!kind) throw new ArmError(400, 'InvalidKind', "The property 'kind' is required.")
    if (!sku?.name) throw new ArmError(400, 'InvalidSkuId', "The property 'sku' is required.")
    const subdomain = properties.customSubDomainName ?? current?.body.properties.customSubDomainName
    requireSubdomain(request, subdomain, current)
    const region = String(current?.body.location ?? location)
      .toLowerCase()
      .replace(/\s/g, '')
    const endpoint = endpointOf(request, kind, subdomain, region)
    const instance = subdomain
      ? `https://${String(subdomain).toLowerCase()}.${request.simulator.hostSuffix('openai')}/`
      : endpoint
    const { networkAcls } = properties
    return {
      kind,
      sku: { name: sku.name },
      ...(identity !== undefined && { identity }),
      properties: {
        endpoint,
        endpoints: { 'OpenAI Language Model Instance API': instance },
        internalId: current?.body.properties.internalId ?? randomUUID().replaceAll('-', ''),
        dateCreated: dotNetTimestamp(createdAt),
        ...(subdomain !== undefined && { customSubDomainName: subdomain }),
        ...(networkAcls !== undefined && {
          networkAcls: { ipRules: [], virtualNetworkRules: [], ...(networkAcls as object) },
        }),
        publicNetworkAccess: oneOf(
          'publicNetworkAccess',
          properties.publicNetworkAccess,
          accessModes,
          'Enabled',
        ),
        disableLocalAuth: properties.disableLocalAuth ?? false,
        privateEndpointConnections: [],
        capabilities: [],
        isMigrated: false,
      },
    }
  },
  createdStatus: 201,
  operations: 'operations',
}

const checkDomain = (request: ArmRequest) => {
  const {
    subdomainName = '',
    type,
    kind,
  } = parseBody<{ subdomainName?: string; type?: string; kind?: string }>(request.call, {
    subdomainName: 'string',
    type: 'string',
    kind: 'string',
  })
  const taken = isTaken(request, subdomainName)
  return {
    status: 200,
    body: {
      isSubdomainAvailable: !taken,
      ...(taken && { reason: takenMessage(subdomainName) }),
      subdomainName,
      type,
      kind,
    },
  }
}

export const domainRoute: ArmRoute = {
  method: 'POST',
  path: '/subscriptions/:subscription/providers/Microsoft.CognitiveServices/checkDomainAvailability',
  handler: checkDomain,
}
