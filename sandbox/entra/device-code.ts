import { randomBytes, randomInt } from 'node:crypto'
import type { Reply } from '../http.ts'
import type { Simulator } from '../simulator.ts'
import { EntraError, missingParameter } from './errors.ts'
import type { EntraRequest } from './request.ts'
import { isTenantAlias, requireTenant } from './tenants.ts'

const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'
const lifetimeSeconds = 900

/** Issues a device code. It stays pending until it expires, because the sandbox has no users. */
export function issueDeviceCode({ call, simulator, params: { tenant = '' } }: EntraRequest): Reply {
  if (!isTenantAlias(tenant)) requireTenant(simulator, tenant)
  const form = call.form()
  for (const name of ['client_id', 'scope']) if (!form.get(name)) throw missingParameter(name)
  const userCode = Array.from({ length: 9 }, () => alphabet[randomInt(alphabet.length)]).join('')
  const deviceCode = randomBytes(96).toString('base64url')
  const codes = Object.entries(simulator.state.entra.deviceCodes ?? {})
  simulator.state.entra.deviceCodes = {
    ...Object.fromEntries(codes.filter(([, endsAt]) => endsAt + lifetimeSeconds * 1000 > simulator.now())),
    [deviceCode]: simulator.now() + lifetimeSeconds * 1000,
  }
  // Not a write in the journal, but the code has to survive a restart.
  simulator.markChanged()
  const verificationUrl = `${simulator.addresses.login}/common/oauth2/deviceauth`
  return {
    status: 200,
    body: {
      user_code: userCode,
      device_code: deviceCode,
      verification_uri: verificationUrl,
      expires_in: lifetimeSeconds,
      interval: 5,
      message: `To sign in, use a web browser to open the page ${verificationUrl} and enter the code ${userCode} to authenticate.`,
    },
  }
}

/** Handles a poll for the sign-in. Always throws: AADSTS70016 while the code is pending, 70020 once it has expired. */
export function redeemDeviceCode(simulator: Simulator, form: URLSearchParams): never {
  const code = form.get('device_code') ?? form.get('code')
  if (!code) throw missingParameter('device_code')
  const endsAt = simulator.state.entra.deviceCodes?.[code]
  if (endsAt === undefined)
    throw new EntraError(70000, 'bad_verification_code', 400, 'The provided device code is not valid.')
  if (endsAt <= simulator.now())
    throw new EntraError(
      70020,
      'expired_token',
      400,
      'The provided value for the input parameter `device_code` is not valid. This device code has expired.',
    )
  if (!form.get('client_id')) throw missingParameter('client_id')
  throw new EntraError(
    70016,
    'authorization_pending',
    400,
    'OAuth 2.0 device flow error. Authorization is pending. Continue polling.',
  )
}
