import { armAudiences } from '../arm/authorization/access.ts'
import { checkCaller } from '../data-plane.ts'
import type { Reply } from '../http.ts'
import { badRequest, unauthorized } from './errors.ts'
import { grantedAccess, hasAnyRole } from './permissions.ts'
import type { RegistryRequest } from './request.ts'
import { issueToken, readToken } from './tokens.ts'

export const registryAudience = 'https://containerregistry.azure.net'

/** Exchanges a Microsoft Entra token for a refresh token of the registry. */
export async function exchangeToken({ call, simulator, registry }: RegistryRequest): Promise<Reply> {
  const form = call.form()
  if (form.get('grant_type') !== 'access_token') throw badRequest('grant_type must be access_token')
  if (form.get('service') !== registry.loginServer)
    throw badRequest(`service must be ${registry.loginServer}`)
  const audiences = [registryAudience, ...(registry.acceptsArmTokens ? armAudiences(simulator) : [])]
  const caller = await checkCaller(form.get('access_token') ?? undefined, simulator, audiences)
  if (typeof caller === 'string') throw unauthorized('token validation failed')
  if (!hasAnyRole(simulator, registry, caller.oid)) throw unauthorized()
  const refresh_token = await issueToken(simulator, registry, 'refresh_token', caller.oid)
  return { status: 200, body: { refresh_token } }
}

/** Returns the refresh token in the password of Basic authentication, as Docker sends it. */
function basicPassword(header: string | undefined): string | undefined {
  const encoded = /^basic +(\S+)$/i.exec(header ?? '')?.[1]
  return (
    encoded &&
    Buffer.from(encoded, 'base64')
      .toString()
      .replace(/^[^:]*:/, '')
  )
}

/** Returns an access token of the registry for what the caller's roles allow of the requested scopes. */
export async function issueAccessToken({ call, simulator, registry }: RegistryRequest): Promise<Reply> {
  const input = call.method === 'POST' ? call.form() : call.url.searchParams
  const refresh =
    input.get('refresh_token') ?? input.get('password') ?? basicPassword(call.headers.authorization)
  const claims = await readToken(simulator, registry, 'refresh_token', refresh)
  if (!claims) throw unauthorized()
  const scopes = input.getAll('scope').flatMap((scope) => scope.split(' '))
  const access = grantedAccess(simulator, registry, claims.sub, scopes)
  const access_token = await issueToken(simulator, registry, 'access_token', claims.sub, access)
  return { status: 200, body: { access_token } }
}
