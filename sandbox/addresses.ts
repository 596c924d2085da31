/** The addresses of the simulated services. No address ends with a slash. */
export interface Addresses {
  arm: string
  login: string
  graph: string
  /** Host suffix of the vaults with the port, without a leading dot: `vault.localhost:8443`. */
  vaultSuffix: string
  /** The audience of Key Vault tokens, as its challenge gives it. */
  vaultResource: string
  /** Base of the clusters' issuers; an issuer is `{issuers}/{region}/{tenant}/{uuid}/`. */
  issuers: string
  /** Base of the clusters' API servers; one is `{kube}/{fqdn}`. */
  kube: string
  control: string
}

/** Returns what follows a resource's name in its host name: `vault.localhost:8443`. */
export const hostSuffix = (label: string, port: number, domain = 'localhost') => `${label}.${domain}:${port}`

/**
 * On loopback all services share `https://localhost:PORT` and are distinguished by path; vaults have host names below
 * `vault.localhost`. With a domain, each service has its own host name (`arm.sandbox.test`).
 */
export function addressesFor(port: number, domain?: string): Addresses {
  const base = (label: string, path = '') =>
    domain ? `https://${hostSuffix(label, port, domain)}` : `https://localhost:${port}${path}`
  return {
    arm: base('arm'),
    login: base('login'),
    graph: base('graph', '/graph'),
    vaultSuffix: hostSuffix('vault', port, domain),
    vaultResource: `https://${hostSuffix('vault', port, domain)}`,
    issuers: base('oic', '/oic'),
    kube: base('kube', '/kube'),
    control: base('control', '/control'),
  }
}

/** True for a Host header with one of this sandbox's names; any other is a DNS rebinding attempt or a mistake. */
export const isOwnHost = (hostname: string, domain: string | undefined, host: string): boolean =>
  ['localhost', '127.0.0.1', '[::1]', host].includes(hostname) ||
  hostname.endsWith('.localhost') ||
  (domain !== undefined && (hostname === domain || hostname.endsWith(`.${domain}`)))
