import { randomBytes, randomInt } from 'node:crypto'
import type { Reply } from '../http.ts'
import type { Simulator } from '../simulator.ts'
import { EntraError, missingParameter } from './errors.ts'

const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'
const lifetime = 900

/** Hands out a code to sign in with. Nobody ever does: the sandbox has no user. */
export function issueDeviceCode(simulator: Simulator, form: URLSearchParams): Reply {
  for (const name of ['client_id', 'scope']) if (!form.get(name)) throw missingParameter(name)
  const userCode = Array.from({ length: 9 }, () => alphabet[randomInt(alphabet.length)]).join('')
  const deviceCode = randomBytes(96).toString('base64url')
  const codes = Object.entries(simulator.state.entra.deviceCodes ?? {})
  simulator.state.entra.deviceCodes = {
    ...Object.fromEntries(codes.filter(([, endsAt]) => endsAt + lifetime * 1000 > simulator.now())),
    [deviceCode]: simulator.now() + lifetime * 1000,
  }
  simulator.markChanged()
  const page = `${simulator.addresses.login}/common/oauth2/deviceauth`
  return {
    status: 200,
    body: {
      user_code: userCode,
      device_code: deviceCode,
      verification_uri: page,
      expires_in: lifetime,
      interval: 5,
      message: `To sign in, use a web browser to open the page ${page} and enter the code ${userCode} to authenticate.`,
    },
  }
}

/** What a client that polls for the sign-in gets to hear. Always throws: 70016 while it may go on, 70020 after. */
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
