import {
  bearerToken,
  type CallerClaims,
  checkBearerToken,
  claimedIssuer,
  tokenIssuerOf,
} from '../entra/access-tokens.ts'
import type { Call } from '../http.ts'
import type { Simulator } from '../simulator.ts'
import { unauthorized } from './errors.ts'
import type { Vault } from './vaults.ts'

/** Returns the `www-authenticate` header of every 401: where the client gets a token. */
export const challenge = (simulator: Simulator, vault: Vault) =>
  `Bearer authorization="${simulator.addresses.login}/${vault.tenantId}", resource="${simulator.addresses.vaultResource}"`

/** Checks the token: issuer, signature, lifetime, audience. Throws 401. */
export async function authenticate(call: Call, simulator: Simulator, vault: Vault): Promise<CallerClaims> {
  const token = bearerToken(call)
  if (!token) throw unauthorized('AKV10000: Request is missing a Bearer, PoP, or MTLS_POP token.')
  const [trusted, issuer] = [tokenIssuerOf(vault.tenantId), claimedIssuer(token)]
  if (issuer !== undefined && issuer !== trusted)
    throw unauthorized(`AKV10032: Invalid issuer. Expected one of ${trusted}, found ${issuer}.`)
  const result = await checkBearerToken(call, simulator, [
    simulator.addresses.vaultResource,
    'https://vault.azure.net',
  ])
  switch (result.state) {
    case 'valid':
      return result.caller
    case 'wrongAudience':
      throw unauthorized(
        `AKV10022: Invalid audience. Expected ${simulator.addresses.vaultResource}, found: ${result.caller.aud}.`,
      )
    case 'expired':
      throw unauthorized("[TokenExpired] Error validating token: 'S2S12086'.")
    case 'badSignature':
      throw unauthorized(
        `AKV10046: Unable to resolve the key used for signature validation. EncodedJwtHeader: '${token.split('.')[0]}'.`,
      )
    default:
      throw unauthorized('AKV10001: The token in the request cannot be read.')
  }
}
