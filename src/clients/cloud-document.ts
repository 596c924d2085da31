import { withoutTrailingSlash } from '../base/trailing-slash.ts'
import type { Cloud } from './cloud.ts'
import { type CloudDomain, cloudDomain, isInDomain } from './cloud-domain.ts'

export interface CloudDocument {
  name: string
  authentication: { loginEndpoint: string; audiences: string[] }
  microsoftGraphResourceId: string
  suffixes: { keyVaultDns: string }
}

function requireOwn(domain: CloudDomain, what: string, address: string): string {
  if (isInDomain(domain, address)) return withoutTrailingSlash(address)
  throw new Error(
    `its ${what} ${JSON.stringify(address)} is not an https:// address in the cloud's own domain ${domain.host}`,
  )
}

/** Returns the first audience in the cloud's own domain: a token for any other would open someone else's service. */
function armAudience(domain: CloudDomain, audiences: readonly unknown[]): string {
  const own = audiences.find((each) => typeof each === 'string' && isInDomain(domain, each))
  if (typeof own === 'string') return own
  throw new Error(
    `none of its audiences (${audiences.join(', ') || 'none'}) is in the cloud's own domain ${domain.host}`,
  )
}

function vaultSuffix(domain: CloudDomain, text: string): string {
  const suffix = text.replace(/^\./, '').toLowerCase()
  // A path, a user name or a port of its own would make the suffix something other than the end of a host name.
  if (/^[a-z0-9.-]+(:\d+)?$/.test(suffix) && isInDomain(domain, `https://${suffix}`))
    return new URL(`https://${suffix}`).host
  throw new Error(`its vault suffix ${JSON.stringify(text)} is not in the cloud's own domain ${domain.host}`)
}

/**
 * Returns the cloud that a resource manager's metadata document describes (`/metadata/endpoints`, 2022-09-01). Throws if
 * the document names anything outside of the cloud's own domain. `authorityHost` is the login endpoint that the user
 * chose (AZURE_AUTHORITY_HOST), which may be elsewhere.
 */
export function cloudFromDocument(
  arm: string,
  document: CloudDocument,
  authorityHost: string | undefined,
): Cloud {
  const domain = cloudDomain(arm)
  const { loginEndpoint, audiences = [] } = document.authentication
  const login = withoutTrailingSlash(loginEndpoint)
  const isChosen = authorityHost !== undefined && withoutTrailingSlash(authorityHost) === login
  return {
    name: document.name,
    wellKnown: false,
    domain: domain.host,
    arm: withoutTrailingSlash(arm),
    armScope: `${armAudience(domain, audiences)}/.default`,
    login: isChosen ? login : requireOwn(domain, 'login endpoint', loginEndpoint),
    loginAliases: [],
    graph: requireOwn(domain, 'Microsoft Graph endpoint', document.microsoftGraphResourceId),
    graphScope: `${document.microsoftGraphResourceId}/.default`,
    vaultSuffix: vaultSuffix(domain, document.suffixes.keyVaultDns),
    clusterSuffix: domain.host,
    instanceDiscovery: false,
    environment: document.name,
  }
}
