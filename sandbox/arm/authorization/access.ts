import { type CallerClaims, checkBearerToken } from '../../entra/access-tokens.ts'
import type { Call } from '../../http.ts'
import type { Simulator } from '../../simulator.ts'
import { ArmError } from '../errors.ts'
import { usTimestamp } from '../timestamps.ts'
import { isAllowed } from './permissions.ts'

/** The audiences that tokens for Resource Manager may name; those of the public cloud too, for clients that know no other. */
export const armAudiences = ({ addresses }: Simulator): string[] =>
  [addresses.arm, 'https://management.core.windows.net', 'https://management.azure.com'].flatMap(
    (audience) => [`${audience}/`, audience],
  )

/** Who calls; throws 401 with the challenge from which clients learn the tenant. */
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
  const shown = await checkBearerToken(call, simulator, audiences)
  switch (shown.state) {
    case 'valid':
      return shown.caller
    case 'missing':
      throw missing()
    case 'expired':
      throw unauthorized(
        'ExpiredAuthenticationToken',
        `The access token expiry UTC time '${usTimestamp(shown.caller.exp * 1000)}' is earlier than current UTC time '${usTimestamp(simulator.now())}'.`,
      )
    case 'wrongAudience':
      throw unauthorized(
        'InvalidAuthenticationTokenAudience',
        `The access token has been obtained for wrong audience or resource '${shown.caller.aud}'. It should exactly match with one of the allowed audiences ${audiences.map((audience) => `'${audience}'`).join(',')}.`,
      )
    default:
      throw unauthorized('InvalidAuthenticationToken', 'The access token is invalid.')
  }
}

/** Throws 403 unless one of the caller's roles allows the action there. */
export function requirePermission(
  simulator: Simulator,
  caller: CallerClaims,
  action: string,
  scope: string,
): void {
  if (isAllowed(simulator, caller.oid, action, scope)) return
  throw new ArmError(
    403,
    'AuthorizationFailed',
    `The client '${caller.appid}' with object id '${caller.oid}' does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
    { by: 'gateway' },
  )
}

/** The same for something that the request refers to: writing one resource may need a right on another. */
export function requireLinkedPermission(
  simulator: Simulator,
  caller: CallerClaims,
  did: { action: string; scope: string },
  needed: { action: string; scope: string },
): void {
  if (isAllowed(simulator, caller.oid, needed.action, needed.scope)) return
  throw new ArmError(
    403,
    'LinkedAuthorizationFailed',
    `The client '${caller.appid}' with object id '${caller.oid}' has permission to perform action '${did.action}' on scope '${did.scope}'; however, it does not have permission to perform action '${needed.action}' on the linked scope(s) '${needed.scope}' or the linked scope(s) are invalid.`,
    { by: 'gateway' },
  )
}
