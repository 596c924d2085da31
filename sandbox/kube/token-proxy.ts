import { randomUUID } from 'node:crypto'
import { bindingCredential, boundIdentity, isActive } from '../arm/aks/identity-bindings.ts'
import { findResource } from '../arm/resources/resources.ts'
import { mintAccessToken } from '../entra/access-tokens.ts'
import { findClient } from '../entra/clients.ts'
import { EntraError, entraErrorReply, invalidClient, missingParameter } from '../entra/errors.ts'
import { requestedResource, requireResource } from '../entra/resources.ts'
import { findRoute } from '../entra/routes.ts'
import type { Call, Reply } from '../http.ts'
import { sha256 } from '../sha256.ts'
import type { Simulator } from '../simulator.ts'
import { authorize } from './auth/rbac.ts'
import { verifyToken } from './auth/tokens.ts'
import { KubeError, unauthorized } from './errors.ts'
import type { KubeCluster } from './state.ts'

// The token endpoint of AKS identity bindings. The API server serves it at an SNI name of its own; here, its path decides.

/** Audience of the tokens of bound pods. */
export const bindingAudience = 'api://AKSIdentityBinding'

const base32hex = '0123456789abcdefghijklmnopqrstuv'

function toBase32Hex(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return (bits.match(/.{1,5}/g) ?? [])
    .map((each) => base32hex[Number.parseInt(each.padEnd(5, '0'), 2)])
    .join('')
}

/** Returns the SNI name of the cluster's token endpoint. Its cluster ID is the first label of the API server's name. */
export const sniNameOf = ({ fqdn }: KubeCluster): string =>
  `a${toBase32Hex(sha256(`identity-binding${fqdn.split('.')[0]}`))}.ests.aks`

const paths =
  /^\/[^/]+\/(oauth2\/v2\.0\/token|v2\.0\/\.well-known\/openid-configuration|discovery\/instance)$/i

/** Serves the token endpoint and the discovery documents that clients read before; undefined for other paths. */
export async function answerTokenProxy(
  call: Call,
  simulator: Simulator,
  { cluster, path }: { cluster: KubeCluster; path: string },
): Promise<Reply | undefined> {
  if (!paths.test(path)) return undefined
  try {
    if (call.method === 'POST') return await exchange(call, simulator, cluster)
    const match = findRoute('GET', path)
    return 'route' in match ? await match.route.handler({ call, simulator, params: match.params }) : undefined
  } catch (error) {
    if (!(error instanceof EntraError)) throw error
    return entraErrorReply(error, simulator.now(), { trace: randomUUID(), correlation: randomUUID() })
  }
}

/** Exchanges the token of a service account that may use a bound identity. Throws 401 and 403. */
async function exchange(call: Call, simulator: Simulator, cluster: KubeCluster): Promise<Reply> {
  const form = call.form()
  const clientId = form.get('client_id')
  if (!clientId) throw missingParameter('client_id')
  const resource = requestedResource(form, 'v2')
  const user = await verifyToken(simulator, cluster, form.get('client_assertion') ?? '', [bindingAudience])
  if (!user) throw unauthorized()
  const bindings = findResource(simulator, cluster.resourceId)?.identityBindings ?? []
  const isBound = bindings.some((each) => {
    const id = boundIdentity(simulator, each)?.body.properties.clientId
    return isActive(simulator, each) && String(id).toLowerCase() === clientId.toLowerCase()
  })
  const access = { verb: 'use-managed-identity', group: 'cid.wi.aks.azure.com', resource: clientId }
  if (!isBound || !authorize(cluster, user, access).allowed)
    throw new KubeError(403, 'Forbidden', `${user.username} may not use the managed identity ${clientId}`)
  const client = findClient(simulator, clientId)
  if (!client.credentials.some(({ name }) => name === bindingCredential))
    throw invalidClient(
      70025,
      `The client '${client.id}'(${client.displayName}) has no configured federated identity credentials.`,
    )
  requireResource(simulator, resource)
  const { token, expiresIn } = await mintAccessToken(simulator, {
    principal: client.principal,
    audience: resource,
    proof: 'certificate',
  })
  const body = { token_type: 'Bearer', expires_in: expiresIn, ext_expires_in: expiresIn, access_token: token }
  return { status: 200, body }
}
