import type { CallerClaims } from '../entra/access-tokens.ts'
import type { Call, Reply } from '../http.ts'
import type { Simulator } from '../simulator.ts'
import { authenticate, requirePermission } from './authorization/access.ts'
import { requireUnlocked } from './authorization/locks.ts'
import { requirePolicies } from './authorization/policies.ts'
import { ArmError, groupNotFound, sandboxOnly } from './errors.ts'
import { findProvider } from './providers.ts'
import { countRequest } from './rate-limits.ts'
import { actionFor, checkedScope } from './request.ts'
import { requireNotDeleting } from './resources/groups.ts'
import { metadata } from './resources/metadata.ts'
import { invalidNamespace, requireRegistered } from './resources/registration.ts'
import { findGroup } from './resources/resources.ts'
import { findRoute } from './routes.ts'
import { findSubscription } from './subscription-path.ts'

/** Everything known about a request so far, even if it fails. */
export interface RequestState {
  caller?: CallerClaims
  /** Headers with the number of remaining requests. */
  rateLimits: Record<string, string>
}

/** Checks a request as Resource Manager does, in its order, and lets its route handle it. Throws `ArmError`. */
export async function answerRequest(call: Call, simulator: Simulator, state: RequestState): Promise<Reply> {
  const version = readVersion(call)
  if (isMetadata(call)) return metadata(simulator, requireVersion(version))
  state.caller = await authenticate(call, simulator)
  state.rateLimits = countRequest(simulator, state.caller.oid, call)
  return route(call, simulator, state.caller, requireVersion(version))
}

const isMetadata = ({ path }: Call) => /^\/metadata\/endpoints$/i.test(path)

/** Accepts every well-formed version: all behave like the newest, except where a default changed. */
function readVersion(call: Call): string | ArmError {
  const version = call.query('api-version')
  if (!version)
    return new ArmError(
      400,
      'MissingApiVersionParameter',
      'The api-version query parameter (?api-version=) is required for all requests.',
      { by: 'gateway' },
    )
  if (!/^\d{4}-\d{2}-\d{2}(-[a-z0-9.]+)?$/i.test(version) && !(isMetadata(call) && version === '1.0'))
    return new ArmError(
      400,
      'InvalidApiVersionParameter',
      `The api-version '${version}' is invalid. The supported versions are '2025-04-01,2024-11-01,2022-12-01,2021-04-01'.`,
      { by: 'gateway' },
    )
  return version
}

function requireVersion(version: string | ArmError): string {
  if (version instanceof ArmError) throw version
  return version
}

async function route(
  call: Call,
  simulator: Simulator,
  caller: CallerClaims,
  version: string,
): Promise<Reply> {
  const match = findRoute(call.method, call.path)
  if ('allowed' in match) throw unknownRoute(call, version, match.allowed)
  requireSubscription(call, simulator)
  const { route, params } = match
  const id = `/${call.segments.join('/')}`
  const action = actionFor(match)
  if (action !== 'none') requirePermission(simulator, caller, action, checkedScope(route, id))
  requireUnlocked(simulator, call.method, id)
  const group = params.group === undefined ? undefined : findGroup(simulator, id, params.group)
  const isGroup = route.path.endsWith('/resourceGroups/:group')
  if (params.group !== undefined && !isGroup && !group) throw groupNotFound(params.group)
  if ((call.method === 'PUT' || call.method === 'PATCH') && !isGroup) {
    if (group) requireNotDeleting(group)
    const provider = findProvider(/.*\/providers\/([^/]+)/i.exec(id)?.[1] ?? '')
    if (provider) requireRegistered(simulator, provider, id)
  }
  if (call.method === 'PUT' || call.method === 'PATCH')
    requirePolicies(
      { call, simulator, id },
      isGroup ? 'Microsoft.Resources/resourceGroups' : actionFor(match).replace(/\/write$/, ''),
    )
  return route.handler({ call, simulator, caller, params, id, version })
}

function requireSubscription({ segments }: Call, { state }: Simulator): void {
  const [first = '', id] = segments
  if (first.toLowerCase() === 'subscriptions' && id && !findSubscription(state, id))
    throw new ArmError(404, 'SubscriptionNotFound', `The subscription '${id}' could not be found.`, {
      by: 'gateway',
    })
}

/** Returns the error for a path or a method that has no route. */
function unknownRoute({ path, method }: Call, version: string, allowed: string[]): ArmError {
  if (allowed.length > 0)
    return new ArmError(
      405,
      'MethodNotAllowed',
      `The requested resource does not support http method '${method}'.${sandboxOnly}`,
      { by: 'gateway', headers: { allow: allowed.join(', ') } },
    )
  const [, namespace] = /.*\/providers\/([^/]+)\//i.exec(path) ?? []
  if (!namespace)
    return new ArmError(404, 'NotFound', `The requested resource at '${path}' was not found.${sandboxOnly}`, {
      by: 'gateway',
    })
  if (!findProvider(namespace)) return invalidNamespace(namespace)
  return new ArmError(
    404,
    'InvalidResourceType',
    `The resource type could not be found in the namespace '${namespace}' for api version '${version}'.${sandboxOnly}`,
    { by: 'gateway' },
  )
}
