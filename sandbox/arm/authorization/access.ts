import { type CallerClaims, checkBearerToken } from '../../entra/access-tokens.ts'
import type { Call } from '../../http.ts'
import type { Simulator } from '../../simulator.ts'
import { ArmError } from '../errors.ts'
import { usTimestamp } from '../timestamps.ts'
import { findDenial, hasRoleFor, isAllowed } from './permissions.ts'

/** The audiences of valid tokens. The public cloud's are included for clients that hard-code them. */
export const armAudiences = ({ addresses }: Simulator): string[] =>
  [addresses.arm, 'https://management.core.windows.net', 'https://management.azure.com'].flatMap(
    (audience) => [`${audience}/`, audience],
  )

/** Checks the bearer token. Throws 401 with a challenge that contains the tenant. */
export async function authenticate(call: Call, simulator: Simulator): Promise<CallerClaims> {
  const audiences = armAudiences(simulator)
  const unauthorized = (code: string, message: string, description = message) =>
    new ArmError(401, code, message, {
      by: 'gateway',
      headers: {
        'www-authenticate': `Bearer authorization_uri="${simulator.addresses.login}/${simulator.state.tenant.id}", error="invalid_token", error_description="${description}"`,
      },
    })
  const missing = () =>
    unauthorized(
      'AuthenticationFailed',
      "Authentication failed. The 'Authorization' header is missing.",
      "The authentication failed because of missing 'Authorization' header.",
    )
  if (!/^\s*bearer\s+\S/i.test(call.headers.authorization ?? '')) throw missing()
  const result = await checkBearerToken(call, simulator, audiences)
  switch (result.state) {
    case 'valid':
      return result.caller
    case 'missing':
      throw missing()
    case 'expired':
      throw unauthorized(
        'ExpiredAuthenticationToken',
        `The access token expiry UTC time '${usTimestamp(result.caller.exp * 1000)}' is earlier than current UTC time '${usTimestamp(simulator.now())}'.`,
      )
    case 'wrongAudience':
      throw unauthorized(
        'InvalidAuthenticationTokenAudience',
        `The access token has been obtained for wrong audience or resource '${result.caller.aud}'. It should exactly match with one of the allowed audiences ${audiences.map((audience) => `'${audience}'`).join(',')}.`,
      )
    default:
      throw unauthorized('InvalidAuthenticationToken', 'The access token is invalid.')
  }
}

/** Throws 403 unless one of the caller's roles allows the action at the scope. */
export function requirePermission(
  simulator: Simulator,
  caller: CallerClaims,
  action: string,
  scope: string,
): void {
  if (isAllowed(simulator, caller.oid, action, scope)) return
  const denial = findDenial(simulator, caller.oid, action, scope)
  if (denial && hasRoleFor(simulator, caller.oid, action, scope))
    throw new ArmError(
      403,
      'DenyAssignmentAuthorizationFailed',
      `The client '${caller.appid}' with object id '${caller.oid}' has permission to perform action '${action}' on scope '${scope}'; however, the access is denied because of the deny assignment with name '${denial.properties.denyAssignmentName}' and Id '${denial.name}' at scope '${denial.properties.scope}'.`,
      { by: 'gateway' },
    )
  throw new ArmError(
    403,
    'AuthorizationFailed',
    `The client '${caller.appid}' with object id '${caller.oid}' does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
    { by: 'gateway' },
  )
}

/** Throws 403 unless the caller has a permission on a resource that the request refers to. */
export function requireLinkedPermission(
  simulator: Simulator,
  caller: CallerClaims,
  requested: { action: string; scope: string },
  linked: { action: string; scope: string },
): void {
  if (isAllowed(simulator, caller.oid, linked.action, linked.scope)) return
  throw new ArmError(
    403,
    'LinkedAuthorizationFailed',
    `The client '${caller.appid}' with object id '${caller.oid}' has permission to perform action '${requested.action}' on scope '${requested.scope}'; however, it does not have permission to perform action '${linked.action}' on the linked scope(s) '${linked.scope}' or the linked scope(s) are invalid.`,
    { by: 'gateway' },
  )
}
