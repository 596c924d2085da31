import type { Reply } from '../http.ts'
import { publicKey, tokenIssuerOf } from './access-tokens.ts'
import { EntraError, missingParameter } from './errors.ts'
import type { EntraRequest } from './request.ts'
import { isTenantAlias, requireTenant } from './tenants.ts'

const cloudClaims = ['sub', 'iss', 'cloud_instance_name', 'cloud_instance_host_name', 'cloud_graph_host_name']
const tokenClaims = ['msgraph_host', 'aud', 'exp', 'iat', 'auth_time', 'acr', 'nonce', 'preferred_username']
const userClaims = ['name', 'tid', 'ver', 'at_hash', 'c_hash', 'email']

const hostOf = (address: string) => new URL(address).host

/** Returns the tenant's OpenID configuration, which names the tenant by its GUID. Throws AADSTS90002 or 900023. */
export function openidConfiguration(
  { simulator, params: { tenant: name = '' } }: EntraRequest,
  version: 'v1' | 'v2',
): Reply {
  if (!isTenantAlias(name)) requireTenant(simulator, name)
  const { login, graph } = simulator.addresses
  const tenant = isTenantAlias(name) ? name.toLowerCase() : simulator.state.tenant.id
  const issuerTenant = isTenantAlias(name) ? '{tenantid}' : tenant
  const [oauth, keys] =
    version === 'v2' ? ['oauth2/v2.0', `${tenant}/discovery/v2.0/keys`] : ['oauth2', 'common/discovery/keys']
  return {
    status: 200,
    headers: { 'cache-control': 'max-age=86400, private', 'access-control-allow-origin': '*' },
    body: {
      token_endpoint: `${login}/${tenant}/${oauth}/token`,
      token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
      jwks_uri: `${login}/${keys}`,
      response_modes_supported: ['query', 'fragment', 'form_post'],
      subject_types_supported: ['pairwise'],
      id_token_signing_alg_values_supported: ['RS256'],
      response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
      scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
      issuer: version === 'v2' ? `${login}/${issuerTenant}/v2.0` : tokenIssuerOf(issuerTenant),
      request_uri_parameter_supported: false,
      userinfo_endpoint: `${graph}/oidc/userinfo`,
      authorization_endpoint: `${login}/${tenant}/${oauth}/authorize`,
      device_authorization_endpoint: `${login}/${tenant}/${oauth}/devicecode`,
      http_logout_supported: true,
      frontchannel_logout_supported: true,
      end_session_endpoint: `${login}/${tenant}/${oauth}/logout`,
      claims_supported: [...cloudClaims, ...tokenClaims, ...userClaims],
      kerberos_endpoint: `${login}/${tenant}/kerberos`,
      tenant_region_scope: isTenantAlias(name) ? null : 'EU',
      cloud_instance_name: 'microsoftonline.com',
      cloud_graph_host_name: 'graph.windows.net',
      msgraph_host: hostOf(graph),
      rbac_url: 'https://pas.windows.net',
    },
  }
}

/** Returns the public keys of access tokens. Throws AADSTS90002 or 900023. */
export function signingKeys({ simulator, params: { tenant: name = '' } }: EntraRequest): Reply {
  if (!isTenantAlias(name)) requireTenant(simulator, name)
  const { kty, kid, n, e } = publicKey(simulator.state.entra.signingKey)
  return {
    status: 200,
    headers: { 'cache-control': 'max-age=86400, private', 'access-control-allow-origin': '*' },
    body: {
      keys: [
        {
          kty,
          use: 'sig',
          kid,
          x5t: kid,
          n,
          e,
          cloud_instance_name: 'microsoftonline.com',
          issuer: `${simulator.addresses.login}/${isTenantAlias(name) ? '{tenantid}' : simulator.state.tenant.id}/v2.0`,
        },
      ],
    },
  }
}

/** Confirms that an authority belongs to this cloud. Throws AADSTS900144 or 50049. */
export function instanceDiscovery({ call, simulator }: EntraRequest): Reply {
  const authority = call.query('authorization_endpoint')
  if (!authority) throw missingParameter('authorization_endpoint')
  const host = hostOf(simulator.addresses.login)
  const endpoint = URL.canParse(authority) ? new URL(authority) : undefined
  if (endpoint?.protocol !== 'https:' || endpoint.host !== host)
    throw new EntraError(50049, 'invalid_instance', 400, 'Unknown or invalid instance.')
  const tenant = endpoint.pathname.split('/').filter(Boolean)[0] ?? 'common'
  const version = call.query('api-version') === '1.0' ? '' : '/v2.0'
  return {
    status: 200,
    headers: { 'access-control-allow-origin': '*' },
    body: {
      tenant_discovery_endpoint: `${simulator.addresses.login}/${tenant}${version}/.well-known/openid-configuration`,
      'api-version': call.query('api-version') ?? '1.1',
      metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
    },
  }
}
