import { isIP } from 'node:net'

/** The names that belong to a custom cloud. */
export interface CloudDomain {
  /** Host name, and port if it is not 443: `local.azurestack.external`. */
  host: string
  hostname: string
  port: string
  /** True if names below the host name belong to the cloud, too. */
  withNamesBelow: boolean
}

/** First labels by which resource managers are named, as in `management.local.azurestack.external`. */
const managerLabels = new Set(['management', 'adminmanagement', 'arm'])

/** Matches suffixes such as `co.uk`, below which everyone can register a name. */
const sharedSuffix = /^(?:ac|co|com|edu|go|gob|gov|gv|mil|ne|net|or|org)\.[a-z]{2}$/

/**
 * Returns the domain of the cloud with this resource manager: what follows `management.` in its host name. Other
 * resource managers have only their own host name and the names below it.
 */
export function cloudDomain(arm: string): CloudDomain {
  const { hostname, port } = new URL(arm)
  const isAddress = isIP(hostname.replace(/^\[|\]$/g, '')) !== 0
  const [first = '', ...rest] = hostname.split('.')
  const parent = rest.join('.')
  const hasParent = !isAddress && managerLabels.has(first) && rest.length > 1 && !sharedSuffix.test(parent)
  const name = hasParent ? parent : hostname
  return { host: port ? `${name}:${port}` : name, hostname: name, port, withNamesBelow: !isAddress }
}

/** Returns whether the address is https and in the domain, on the same port. */
export function isInDomain(domain: CloudDomain, address: string): boolean {
  if (typeof address !== 'string' || !URL.canParse(address)) return false
  const { protocol, hostname, port, username, password } = new URL(address)
  return (
    protocol === 'https:' &&
    port === domain.port &&
    username === '' &&
    password === '' &&
    (hostname === domain.hostname || (domain.withNamesBelow && hostname.endsWith(`.${domain.hostname}`)))
  )
}
