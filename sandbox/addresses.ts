/** Where each role of the simulated Azure answers. No address ends with a slash. */
export interface Addresses {
  arm: string
  login: string
  graph: string
  /** Host suffix of the vaults with the port, without a leading dot: `vault.localhost:8443`. */
  vaultSuffix: string
  /** The audience of Key Vault tokens, as its challenge names it. */
  vaultResource: string
  /** Base of the clusters' issuers; an issuer is `{issuers}/{region}/{tenant}/{uuid}/`. */
  issuers: string
  /** Base of the clusters' API servers; one is `{kube}/{fqdn}`. */
  kube: string
  control: string
}

/** The role that a request is for, the path within it, and for vaults their name. */
export interface Target {
  role: 'arm' | 'login' | 'graph' | 'vault' | 'issuer' | 'kube' | 'control'
  path: string
  vault?: string
}

/**
 * On loopback everything is `https://localhost:PORT` told apart by path, vaults by name below `vault.localhost`.
 * With a domain, each role has a host name of its own below it (`arm.sandbox.test`).
 */
export function addressesFor(port: number, domain?: string): Addresses {
  const at = (role: string, path: string) =>
    domain ? `https://${role}.${domain}:${port}` : `https://localhost:${port}${path}`
  return {
    arm: at('arm', ''),
    login: at('login', ''),
    graph: at('graph', '/graph'),
    vaultSuffix: `vault.${domain ?? 'localhost'}:${port}`,
    vaultResource: `https://vault.${domain ?? 'localhost'}:${port}`,
    issuers: at('oic', '/oic'),
    kube: at('kube', '/kube'),
    control: at('control', '/control'),
  }
}

const byPrefix: [RegExp, Target['role'], boolean][] = [
  [/^\/graph(?=\/|$)/i, 'graph', true],
  [/^\/oic(?=\/|$)/i, 'issuer', true],
  [/^\/kube(?=\/|$)/i, 'kube', true],
  [/^\/control(?=\/|$)/i, 'control', true],
  [/^\/(v1\.0|beta)(?=\/|$)/i, 'graph', false],
  [/^\/(apis?|version|openapi|openid|healthz|livez|readyz|\.well-known)(?=\/|$)/, 'kube', false],
  [/^\/(subscriptions|providers|tenants|metadata)(?=\/|$)/i, 'arm', false],
]

const hostRoles: Record<string, Target['role']> = {
  arm: 'arm',
  login: 'login',
  graph: 'graph',
  oic: 'issuer',
  kube: 'kube',
  control: 'control',
}

/** True for a Host that this sandbox is known by; any other is a rebinding attempt or a mistake. */
export const isOwnHost = (hostname: string, domain: string | undefined, host: string): boolean =>
  ['localhost', '127.0.0.1', '[::1]', host].includes(hostname) ||
  hostname.endsWith('.localhost') ||
  (domain !== undefined && (hostname === domain || hostname.endsWith(`.${domain}`)))

/** Finds the role by Host, else by path. `path` has `//` collapsed. */
export function target(hostname: string, path: string, domain: string | undefined): Target {
  const vault = new RegExp(`^([^.]+)\\.vault\\.(localhost|${domain ?? 'localhost'})$`, 'i').exec(hostname)
  if (vault) return { role: 'vault', path, vault: vault[1]!.toLowerCase() }
  const label = domain && hostname.endsWith(`.${domain}`) ? hostname.slice(0, -domain.length - 1) : undefined
  const role = label === undefined ? undefined : hostRoles[label]
  if (role && role !== 'arm') return { role, path }
  for (const [prefix, found, strip] of byPrefix)
    if (prefix.test(path)) return { role: found, path: strip ? path.replace(prefix, '') || '/' : path }
  return { role: role ?? 'login', path }
}
