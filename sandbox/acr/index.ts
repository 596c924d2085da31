import { replyOrRejection } from '../data-plane.ts'
import { bearerToken } from '../entra/access-tokens.ts'
import { type FailureKind, gatewayPage } from '../faults/failure-kinds.ts'
import type { Call, Reply } from '../http.ts'
import { isListed } from '../ip-rules.ts'
import { allowedAddresses, hasPublicAccess } from '../network-rules.ts'
import type { Service } from '../service.ts'
import type { Simulator } from '../simulator.ts'
import { challenge, denied, unsupported } from './errors.ts'
import { findRegistry, type Registry } from './registries.ts'
import type { RegistryRoute } from './request.ts'
import { findRoute } from './routes.ts'
import { registryAudience } from './token-exchange.ts'
import { readToken } from './tokens.ts'

function requireNetwork({ properties }: Registry, address: string): void {
  const allowed = allowedAddresses(properties.networkRuleSet)
  if (!hasPublicAccess(properties) || (allowed && !isListed(allowed, address))) throw denied(address)
}

/** Returns the scope that a route needs: on a repository, on the catalog, or none in particular. */
function scopeOf(action: RegistryRoute['action'], repository: string | undefined) {
  if (action === 'any' || action === undefined) return undefined
  if (action === 'catalog') return { Type: 'registry', Name: 'catalog', Action: '*' }
  return { Type: 'repository', Name: repository ?? '', Action: action }
}

async function answer(call: Call, simulator: Simulator, registry: Registry): Promise<Reply> {
  requireNetwork(registry, call.clientAddress)
  const match = findRoute(call.method, call.path)
  if ('allowed' in match) throw unsupported(match.allowed.length > 0 ? 405 : 404)
  const { route, params } = match
  if (route.action) {
    const scope = scopeOf(route.action, params.repository)
    const claims = await readToken(simulator, registry, 'access_token', bearerToken(call))
    const isGranted = claims?.access?.some(
      ({ type, name, actions }) =>
        type === scope?.Type && name === scope.Name && actions.includes(scope.Action),
    )
    if (!claims || (scope && !isGranted)) throw challenge(registry.loginServer, scope, claims !== undefined)
  }
  return route.handler({ call, simulator, registry, params })
}

const handle: Service['handle'] = async (call, simulator) => {
  const registry = findRegistry(simulator, call.resource ?? '')
  if (!registry) return { status: 0 }
  const reply = await replyOrRejection(() => answer(call, simulator, registry))
  return {
    ...reply,
    headers: {
      'docker-distribution-api-version': 'registry/2.0',
      'x-ms-correlation-request-id': crypto.randomUUID(),
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
      'x-content-type-options': 'nosniff',
      ...reply.headers,
    },
  }
}

const messages: Record<Exclude<FailureKind, '502'>, [number, string, string]> = {
  408: [408, 'TIMEOUT', 'The request timed out.'],
  429: [429, 'TOOMANYREQUESTS', 'too many requests'],
  500: [500, 'UNKNOWN', 'unknown error'],
  503: [503, 'UNAVAILABLE', 'service unavailable'],
  504: [504, 'TIMEOUT', 'gateway timeout'],
  busy: [409, 'CONFLICT', 'Another operation is in progress.'],
  'concurrent-write': [409, 'CONFLICT', 'Another operation is in progress.'],
}

function failure(_call: Call, _simulator: Simulator, kind: FailureKind): Reply {
  if (kind === '502') return gatewayPage(502, '502 - Bad Gateway')
  const [status, code, message] = messages[kind]
  return { status, body: { errors: [{ code, message }] } }
}

/** The data plane of Container Registry: the token exchange, tags and manifests. */
export const acrService: Service = {
  name: 'acr',
  address: { label: 'azurecr', perResource: true },
  handle,
  audiences: () => [registryAudience],
  state: { key: 'acr', create: () => ({}) },
  failure,
  readOnlyPosts: /^\/oauth2\/(exchange|token)$/i,
}
