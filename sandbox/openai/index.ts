import { isAllowed } from '../arm/authorization/permissions.ts'
import { accountTypeName } from '../arm/cognitiveservices/accounts.ts'
import { resourcesOfType } from '../arm/resources/resources.ts'
import type { Resource } from '../arm/state.ts'
import { checkCaller, replyOrRejection } from '../data-plane.ts'
import { bearerToken, type CallerClaims } from '../entra/access-tokens.ts'
import { type FailureKind, gatewayPage } from '../faults/failure-kinds.ts'
import type { Call, Reply } from '../http.ts'
import { isListed } from '../ip-rules.ts'
import { allowedAddresses, hasPublicAccess } from '../network-rules.ts'
import type { Service } from '../service.ts'
import type { Simulator } from '../simulator.ts'
import { invalidToken, rejected } from './errors.ts'
import { findRoute } from './routes.ts'

const audiences = ['https://cognitiveservices.azure.com', 'https://ai.azure.com']

/** Finds an account by its subdomain; without one it can't be told apart from the others of its region. */
function findByHost(simulator: Simulator, host: string): Resource | 'region' | undefined {
  const accounts = resourcesOfType(simulator, accountTypeName).filter(
    ({ body }) => body.properties.provisioningState !== 'Creating',
  )
  const found = accounts.find(
    ({ body }) => String(body.properties.customSubDomainName ?? '').toLowerCase() === host,
  )
  if (found) return found
  return accounts.some(({ body }) => String(body.properties.endpoint).startsWith(`https://${host}.`))
    ? 'region'
    : undefined
}

function requireNetwork({ body }: Resource, address: string): void {
  if (!hasPublicAccess(body.properties))
    throw rejected(403, '403', 'Public access is disabled. Please configure private endpoint.')
  const allowed = allowedAddresses(body.properties.networkAcls)
  if (allowed && !isListed(allowed, address))
    throw rejected(403, '403', 'Access denied due to Virtual Network/Firewall rules.')
}

async function authenticate(call: Call, simulator: Simulator, account: Resource): Promise<CallerClaims> {
  const token = bearerToken(call)
  if (!token && call.headers['api-key'] !== undefined) {
    if (account.body.properties.disableLocalAuth === true)
      throw rejected(
        403,
        'AuthenticationTypeDisabled',
        'Key based authentication is disabled for this resource.',
      )
    throw rejected(
      401,
      '401',
      'Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.',
    )
  }
  const caller = await checkCaller(token, simulator, audiences)
  if (typeof caller !== 'string') return caller
  if (caller === 'wrongTenant')
    throw rejected(
      400,
      'Tenant provided in token does not match resource token',
      `Token tenant does not match resource tenant ${simulator.state.tenant.id}.`,
    )
  throw invalidToken()
}

async function answer(call: Call, simulator: Simulator, account: Resource | 'region'): Promise<Reply> {
  if (account === 'region')
    throw rejected(
      400,
      'BadRequest',
      'Please provide a custom subdomain for token authentication, otherwise API key is required.',
    )
  requireNetwork(account, call.clientAddress)
  const caller = await authenticate(call, simulator, account)
  const match = findRoute(call.method, call.path)
  if ('allowed' in match) throw rejected(404, '404', 'Resource not found')
  const { route, params } = match
  const action = `${accountTypeName}/OpenAI/${route.action}`
  if (!isAllowed(simulator, caller.oid, action, account.body.id, 'data'))
    throw rejected(
      401,
      'PermissionDenied',
      `The principal \`${caller.oid}\` lacks the required data action \`${action}\` to perform \`${route.method} ${route.shownPath}\` operation.`,
    )
  if (!route.versioned && !call.query('api-version')) throw rejected(404, '404', 'Resource not found')
  return route.handler({ call, simulator, account, params })
}

const handle: Service['handle'] = async (call, simulator) => {
  const account = findByHost(simulator, call.resource ?? '')
  if (!account) return { status: 0 }
  const reply = await replyOrRejection(() => answer(call, simulator, account))
  return {
    ...reply,
    headers: {
      'apim-request-id': crypto.randomUUID(),
      'x-content-type-options': 'nosniff',
      'strict-transport-security': 'max-age=31536000; includeSubDomains; preload',
      ...(account !== 'region' && { 'x-ms-region': String(account.body.location) }),
      ...reply.headers,
    },
  }
}

function failure(_call: Call, _simulator: Simulator, kind: FailureKind): Reply {
  if (kind === '502') return gatewayPage(502, '502 - Bad Gateway')
  const [status, message] =
    kind === '429'
      ? [429, 'Requests have exceeded call rate limit. Please retry after 1 seconds.']
      : kind === 'busy' || kind === 'concurrent-write'
        ? [409, 'The resource is being modified.']
        : [Number(kind), 'The service is temporarily unable to process your request.']
  return rejected(status as number, String(status), message as string).reply
}

/** The data plane of Azure OpenAI: models, and chat completions with a fixed answer. */
export const openAiService: Service = {
  name: 'openai',
  address: { label: 'openai', otherLabels: ['cognitiveservices', 'api.cognitive'], perResource: true },
  handle,
  audiences: () => audiences,
  failure,
  readOnlyPosts: /\/chat\/completions$/i,
}
