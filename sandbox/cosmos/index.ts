import { accountTypeName } from '../arm/cosmosdb/accounts.ts'
import { isCosmosAllowed } from '../arm/cosmosdb/roles.ts'
import { resourcesOfType } from '../arm/resources/resources.ts'
import type { Resource } from '../arm/state.ts'
import { checkCaller, findAccount, replyOrRejection } from '../data-plane.ts'
import { type CallerClaims, claimedIssuer } from '../entra/access-tokens.ts'
import { type FailureKind, gatewayPage } from '../faults/failure-kinds.ts'
import type { Call, Reply } from '../http.ts'
import { isListed } from '../ip-rules.ts'
import { hasPublicAccess } from '../network-rules.ts'
import type { Service } from '../service.ts'
import type { Simulator } from '../simulator.ts'
import { blockedByFirewall, blockedByRoles, notByToken, notFound, rejected, unauthorized } from './errors.ts'
import type { CosmosRoute } from './request.ts'
import { findRoute } from './routes.ts'

const fallbackAudience = 'https://cosmos.azure.com'
const data = 'Microsoft.DocumentDB/databaseAccounts'

/** The audience of an account is its address; Python and JavaScript omit the port. */
const ownAudiences = (simulator: Simulator, { body }: Resource) => {
  const host = `${body.name.toLowerCase()}.${simulator.hostSuffix('documents')}`
  return [`https://${host}`, `https://${host.replace(/:\d+$/, '')}`]
}

/** Finds an account by its own host name, or by that of one of its regions. */
function findByHost(simulator: Simulator, host: string): Resource | undefined {
  return (
    findAccount(simulator, accountTypeName, host) ??
    resourcesOfType(simulator, accountTypeName).find(({ body }) =>
      (body.properties.locations as { id: string }[]).some(({ id }) => id === host),
    )
  )
}

function requireNetwork({ body: { properties } }: Resource, address: string): void {
  const rules = (properties.ipRules as { ipAddressOrRange?: string }[]).map(
    ({ ipAddressOrRange }) => ipAddressOrRange ?? '',
  )
  const isFiltered = rules.length > 0 || properties.isVirtualNetworkFilterEnabled === true
  if (!hasPublicAccess(properties) || (isFiltered && !isListed(rules, address)))
    throw blockedByFirewall(address)
}

/** Returns the members of the header: `type=aad&ver=1.0&sig=TOKEN`, percent-encoded by some clients. */
function authorization({ headers }: Call): { type?: string; sig?: string } {
  const text = headers.authorization ?? ''
  const plain = text.includes('=') ? text : text.replace(/%(3d|26)/gi, (code) => decodeURIComponent(code))
  const members = plain.split('&').map((each) => {
    const at = each.indexOf('=')
    return [each.slice(0, at), each.slice(at + 1)]
  })
  return Object.fromEntries(members)
}

async function authenticate(call: Call, simulator: Simulator, account: Resource): Promise<CallerClaims> {
  const { type, sig } = authorization(call)
  if (!type || !sig)
    throw unauthorized(
      0,
      'Required Header authorization is missing. Ensure a valid Authorization token is passed.',
    )
  if (type !== 'aad') {
    if (account.body.properties.disableLocalAuth === true)
      throw unauthorized(5202, 'Local Authorization is disabled. Use an AAD token to authorize all requests.')
    throw unauthorized(
      0,
      "The input authorization token can't serve the request. The wrong key is being used or the expected payload is not built as per the protocol.",
    )
  }
  const caller = await checkCaller(sig, simulator, [fallbackAudience, ...ownAudiences(simulator, account)])
  if (typeof caller !== 'string') return caller
  if (caller === 'wrongTenant')
    throw unauthorized(
      5007,
      `Provided AAD token was issued by the authority [${claimedIssuer(sig)}] which is not trusted by this database account. Please make sure to provide an AAD token issued by one of the authorities which are trusted by this database account: [${simulator.state.tenant.id}].`,
    )
  throw unauthorized(
    0,
    caller === 'expired'
      ? 'The provided AAD token has expired.'
      : 'The provided AAD token is not valid for this database account.',
  )
}

/** Throws 403 unless a role assignment of the account allows the request. */
function requireRole(
  { call, simulator, account }: { call: Call; simulator: Simulator; account: Resource },
  { action: own }: CosmosRoute,
  principal: string,
): void {
  const action = `${data}/${typeof own === 'function' ? own(call) : own}`
  const path = call.path === '/' ? '*' : (/^\/dbs\/[^/]+(\/colls\/[^/]+)?/.exec(call.path)?.[0] ?? '')
  if (isCosmosAllowed(simulator, account, principal, action, decodeURIComponent(path))) return
  const hasOther = isCosmosAllowed(simulator, account, principal, `${data}/readMetadata`, '*')
  throw blockedByRoles(principal, action, path || '/', hasOther)
}

async function answer(call: Call, simulator: Simulator, account: Resource): Promise<Reply> {
  requireNetwork(account, call.clientAddress)
  const caller = await authenticate(call, simulator, account)
  const match = findRoute(call.method, call.path)
  if ('allowed' in match)
    throw match.allowed.length > 0 ? rejected(405, 0, 'Method not allowed.') : notFound('resource')
  const { route, params } = match
  if (!route.action) throw notByToken(call.method, call.path)
  requireRole({ call, simulator, account }, route, caller.oid)
  return route.handler({ call, simulator, account, params })
}

const handle: Service['handle'] = async (call, simulator) => {
  const account = findByHost(simulator, call.resource ?? '')
  if (!account) return { status: 0 }
  const reply = await replyOrRejection(() => answer(call, simulator, account))
  return {
    ...reply,
    headers: {
      'x-ms-activity-id': crypto.randomUUID(),
      'x-ms-request-charge': '1',
      'x-ms-session-token': '0:-1#1',
      'x-ms-serviceversion': 'version=2.14.0.0',
      'x-ms-gatewayversion': '2.0.0',
      'strict-transport-security': 'max-age=31536000',
      ...reply.headers,
    },
  }
}

function failure(_call: Call, _simulator: Simulator, kind: FailureKind): Reply {
  if (kind === '502') return gatewayPage(502, '502 - Bad Gateway')
  if (kind === 'busy') return rejected(409, 0, 'Another operation on the resource is in progress.').reply
  if (kind === 'concurrent-write')
    return rejected(449, 0, 'Conflicting request to resource has been attempted. Retry to avoid conflicts.')
      .reply
  if (kind === '429')
    return rejected(
      429,
      3200,
      'Request rate is large. More Request Units may be needed, so no changes were made.',
    ).reply
  return rejected(Number(kind), 0, 'The service is temporarily unavailable.').reply
}

/** The data plane of Cosmos DB for NoSQL: the account, containers and items. */
export const cosmosService: Service = {
  name: 'cosmos',
  address: { label: 'documents', perResource: true },
  handle,
  audiences: (simulator) => [
    fallbackAudience,
    ...resourcesOfType(simulator, accountTypeName).flatMap((account) => ownAudiences(simulator, account)),
  ],
  state: { key: 'cosmos', create: () => ({}) },
  failure,
}
