import { isAllowed } from '../arm/authorization/permissions.ts'
import { resourcesOfType } from '../arm/resources/resources.ts'
import type { Resource } from '../arm/state.ts'
import { checkCaller, findAccount, replyOrRejection } from '../data-plane.ts'
import { bearerToken, type CallerClaims, tokenIssuerOf } from '../entra/access-tokens.ts'
import { type FailureKind, gatewayPage } from '../faults/failure-kinds.ts'
import type { Call, Reply } from '../http.ts'
import { hasPublicAccess } from '../network-rules.ts'
import type { Service } from '../service.ts'
import type { Simulator } from '../simulator.ts'
import { forbidden, problem, unauthorized } from './errors.ts'
import { findRoute } from './routes.ts'

const type = 'Microsoft.AppConfiguration/configurationStores'

/** The clients of Python and JavaScript ask for different audiences; that of Python follows from the host name. */
const audiences = (simulator: Simulator) => {
  const suffix = simulator.hostSuffix('azconfig')
  return [
    'https://azconfig.io',
    'https://appconfig.azure.com',
    `https://${suffix}`,
    `https://${suffix.replace(/:\d+$/, '')}`,
  ]
}

const hostAudience = (simulator: Simulator, { body }: Resource) =>
  `https://${body.name.toLowerCase()}.${simulator.hostSuffix('azconfig')}`

async function authenticate(call: Call, simulator: Simulator, store: Resource): Promise<CallerClaims> {
  const accepted = [...audiences(simulator), hostAudience(simulator, store)]
  const caller = await checkCaller(bearerToken(call), simulator, accepted)
  if (typeof caller !== 'string') return caller
  if (caller === 'wrongTenant')
    throw unauthorized(
      `The access token is from the wrong issuer. It must match the AD tenant associated with the subscription to which the configuration store belongs: ${tokenIssuerOf(simulator.state.tenant.id)}`,
    )
  if (caller !== 'missing') throw unauthorized('Authorization token failed validation')
  if (/^hmac-sha256 /i.test(call.headers.authorization ?? ''))
    throw unauthorized('Credential is not valid: the sandbox has no access keys', 'invalid_token')
  throw unauthorized('Authorization header is missing')
}

async function answer(call: Call, simulator: Simulator, store: Resource): Promise<Reply> {
  if (!hasPublicAccess(store.body.properties))
    throw problem(403, 'ip-address-rejected', 'Access to the resource from this IP address is not permitted')
  const caller = await authenticate(call, simulator, store)
  const match = findRoute(call.method, call.path)
  if ('allowed' in match) return { status: match.allowed.length > 0 ? 405 : 404 }
  const action = `${type}/${match.route.action}`
  if (!isAllowed(simulator, caller.oid, action, store.body.id, 'data')) throw forbidden()
  if (!call.query('api-version'))
    throw problem(400, 'invalid-argument', "Invalid request parameter 'api-version'", { name: 'api-version' })
  return match.route.handler({ call, simulator, store, params: match.params })
}

const handle: Service['handle'] = async (call, simulator) => {
  const store = findAccount(simulator, type, call.resource ?? '')
  if (!store) return { status: 0 }
  const reply = await replyOrRejection(() => answer(call, simulator, store))
  return {
    ...reply,
    headers: {
      'sync-token': `zAJw6V16=${Buffer.from(String(store.changedAt)).toString('base64')};sn=${store.changedAt}`,
      'x-ms-correlation-request-id': crypto.randomUUID(),
      'strict-transport-security': 'max-age=15724800; includeSubDomains',
      ...reply.headers,
    },
  }
}

function failure(_call: Call, _simulator: Simulator, kind: FailureKind): Reply {
  if (kind === '502') return gatewayPage(502, '502 - Bad Gateway')
  if (kind === 'busy' || kind === 'concurrent-write')
    return problem(409, 'key-locked', 'Modifing key is not allowed', { detail: 'The key is read-only.' })
      .reply
  if (kind === '429')
    return problem(429, 'too-many-requests', 'Resource utilization has surpassed the assigned quota').reply
  return { status: Number(kind) }
}

/** The data plane of App Configuration: key-values. */
export const appConfigService: Service = {
  name: 'appconfig',
  address: { label: 'azconfig', perResource: true },
  handle,
  audiences: (simulator) => [
    ...audiences(simulator),
    ...resourcesOfType(simulator, type).map((store) => hostAudience(simulator, store)),
  ],
  state: { key: 'appConfig', create: () => ({}) },
  failure,
}
