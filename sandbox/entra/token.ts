import type { Call, Reply } from '../http.ts'
import { mintAccessToken } from './access-tokens.ts'
import { checkAssertion } from './client-assertion.ts'
import { checkSecret } from './client-secret.ts'
import { findClient } from './clients.ts'
import { redeemDeviceCode } from './device-code.ts'
import { EntraError, invalidClient, invalidRequest, missingParameter } from './errors.ts'
import type { EntraRequest } from './request.ts'
import { isGraphAudience, requestedResource, requireResource } from './resources.ts'
import { isTenantAlias, requireTenant } from './tenants.ts'

const jwtBearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const deviceCodeGrants = ['device_code', 'urn:ietf:params:oauth:grant-type:device_code']

/** Issues an access token. Throws `EntraError`; checks run in Entra's order. */
export async function issueToken(
  { call, simulator, params: { tenant = '' } }: EntraRequest,
  version: 'v1' | 'v2',
): Promise<Reply> {
  const form = formWithBasicCredentials(call)
  const grantType = form.get('grant_type')
  if (!grantType) throw missingParameter('grant_type')
  if (deviceCodeGrants.includes(grantType)) redeemDeviceCode(simulator, form)
  if (grantType !== 'client_credentials')
    throw new EntraError(
      70003,
      'unsupported_grant_type',
      400,
      `The app requested an unsupported grant type '${grantType}'.`,
    )
  const clientId = form.get('client_id')
  if (!clientId) throw missingParameter('client_id')
  const resource = requestedResource(form, version)
  const proof = readProof(form)
  if (isTenantAlias(tenant))
    throw invalidRequest(
      50059,
      'No tenant-identifying information found in either the request or implied by any provided credentials.',
    )
  requireTenant(simulator, tenant)
  const client = findClient(simulator, clientId)
  if ('secret' in proof) checkSecret(simulator, client, proof.secret)
  else await checkAssertion(simulator, client, proof.assertion)
  requireResource(simulator, resource)

  const minted = await mintAccessToken(simulator, {
    principal: client.principal,
    audience: resource.replace(/\/+$/, '/'),
    proof: 'secret' in proof ? 'secret' : 'certificate',
    continuous: isContinuous(form.get('claims')),
    ...(isGraphAudience(simulator, resource) ? { roles: client.principal.directoryRights } : {}),
  })
  return { status: 200, body: tokenResponse(minted, version, resource) }
}

/** Returns the form, completed with the client ID and secret of an HTTP Basic header. */
function formWithBasicCredentials(call: Call): URLSearchParams {
  const form = call.form()
  const basic = /^basic +(\S+)$/i.exec(call.headers.authorization ?? '')?.[1]
  if (!basic) return form
  const [id = '', ...secret] = Buffer.from(basic, 'base64').toString('utf8').split(':')
  const decode = (text: string) => new URLSearchParams(`v=${text}`).get('v') ?? ''
  if (!form.has('client_id')) form.set('client_id', decode(id))
  if (!form.has('client_secret')) form.set('client_secret', decode(secret.join(':')))
  return form
}

function readProof(form: URLSearchParams): { secret: string } | { assertion: string } {
  const assertion = form.get('client_assertion')
  if (assertion !== null) {
    if (!form.get('client_assertion_type')) throw missingParameter('client_assertion_type')
    if (form.get('client_assertion_type') !== jwtBearer)
      throw invalidRequest(9002313, 'Invalid request. Request is malformed or invalid.')
    return { assertion }
  }
  const secret = form.get('client_secret')
  if (secret) return { secret }
  throw invalidClient(
    7000218,
    "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
  )
}

function isContinuous(claims: string | null): boolean {
  if (!claims) return false
  try {
    const { access_token: accessToken } = JSON.parse(claims)
    const values: unknown[] = accessToken?.xms_cc?.values ?? []
    return values.some((value) => String(value).toLowerCase() === 'cp1')
  } catch {
    throw invalidRequest(9002313, 'Invalid request. Request is malformed or invalid.')
  }
}

function tokenResponse(
  minted: Awaited<ReturnType<typeof mintAccessToken>>,
  version: 'v1' | 'v2',
  resource: string,
): Record<string, unknown> {
  const { token, expiresIn, notBefore, expiresOn } = minted
  if (version === 'v2')
    return {
      token_type: 'Bearer',
      expires_in: expiresIn,
      ext_expires_in: expiresIn,
      access_token: token,
    }
  return {
    token_type: 'Bearer',
    expires_in: `${expiresIn}`,
    ext_expires_in: `${expiresIn}`,
    expires_on: `${expiresOn}`,
    not_before: `${notBefore}`,
    resource,
    access_token: token,
  }
}
