import { type BadToken, checkCaller } from '../data-plane.ts'
import { bearerToken, type CallerClaims } from '../entra/access-tokens.ts'
import type { Call } from '../http.ts'
import type { Simulator } from '../simulator.ts'
import { hostLabels, type StorageAccount, type StorageServiceName, storageEndpoint } from './accounts.ts'
import { authenticationFailed, StorageError, sharedKeyNotPermitted } from './errors.ts'

/** The audience of all accounts; each account's own endpoints are accepted, too. */
export const storageResource = 'https://storage.azure.com'
/** The first version that supports bearer tokens, and the first that returns a challenge. */
const [bearerVersion, challengeVersion] = ['2017-11-09', '2019-12-12']

export const accountAudiences = (simulator: Simulator, name: string) =>
  (Object.keys(hostLabels) as StorageServiceName[]).map((service) =>
    storageEndpoint(simulator, name, service),
  )

/** True if the request's version returns a challenge to clients without a token. */
export const hasChallenge = ({ headers }: Call) => String(headers['x-ms-version'] ?? '') >= challengeVersion

/** Returns a 401 with the challenge: where the client gets a token. Its values have no quotes. */
export const unauthorized = (simulator: Simulator, code: string, detail?: string) =>
  new StorageError(
    401,
    code,
    'Server failed to authenticate the request. Please refer to the information in the www-authenticate header.',
    {
      ...(detail !== undefined && { detail }),
      headers: {
        'www-authenticate': `Bearer authorization_uri=${simulator.addresses.login}/${simulator.state.tenant.id}/oauth2/authorize resource_id=${storageResource}`,
      },
    },
  )

/** Account keys are not checked: a signature with one is rejected even if the account allows it. */
function rejectOtherScheme(call: Call, account: StorageAccount): void {
  const { authorization = '' } = call.headers
  const isKey = /^SharedKey(Lite)?\s/i.test(authorization)
  const isSignature = authorization === '' && call.query('sig') !== undefined
  if (!isKey && !isSignature) return
  if (!account.sharedKeys) throw sharedKeyNotPermitted()
  throw authenticationFailed(
    'The MAC signature found in the HTTP request is not the same as any computed signature. (The sandbox accepts tokens of Microsoft Entra ID only.)',
  )
}

const details: Record<BadToken, string> = {
  missing: 'Authentication scheme is not supported.',
  invalid: 'Signature validation failed. The signature key was not found.',
  expired: 'Lifetime validation failed. The token is expired.',
  wrongAudience: 'Audience validation failed. Audience did not match.',
  wrongTenant: 'Issuer validation failed. Issuer did not match.',
}

/** Checks the token: version, issuer, signature, lifetime, audience. Throws 401 or 403. Returns `undefined` for an anonymous request. */
export async function authenticate(
  call: Call,
  simulator: Simulator,
  account: StorageAccount,
): Promise<CallerClaims | undefined> {
  rejectOtherScheme(call, account)
  if (!call.headers.authorization) return undefined
  const token = bearerToken(call)
  const invalid = (detail: string) => unauthorized(simulator, 'InvalidAuthenticationInfo', detail)
  if (!token) throw invalid(details.missing)
  if (String(call.headers['x-ms-version'] ?? '') < bearerVersion)
    throw authenticationFailed('Authentication scheme Bearer is not supported in this version.')
  const audiences = [storageResource, ...accountAudiences(simulator, account.name)]
  const result = await checkCaller(token, simulator, audiences)
  if (typeof result !== 'string') return result
  throw invalid(details[result])
}
