import { decodeJwt } from 'jose'
import { bearerToken, type CallerClaims, checkBearerToken, tokenIssuerOf } from '../entra/access-tokens.ts'
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

function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss
  } catch {
    return undefined
  }
}

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
  if (!token) throw invalid('Authentication scheme is not supported.')
  if (String(call.headers['x-ms-version'] ?? '') < bearerVersion)
    throw authenticationFailed('Authentication scheme Bearer is not supported in this version.')
  const issuer = issuerOf(token)
  if (issuer !== undefined && issuer !== tokenIssuerOf(simulator.state.tenant.id))
    throw invalid('Issuer validation failed. Issuer did not match.')
  const audiences = [storageResource, ...accountAudiences(simulator, account.name)]
  const result = await checkBearerToken(call, simulator, audiences)
  switch (result.state) {
    case 'valid':
      return result.caller
    case 'wrongAudience':
      throw invalid('Audience validation failed. Audience did not match.')
    case 'expired':
      throw invalid('Lifetime validation failed. The token is expired.')
    default:
      throw invalid('Signature validation failed. The signature key was not found.')
  }
}
