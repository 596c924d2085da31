import { labelsOf, type ServiceAddress } from '../service.ts'

/** The service that a request is for, its path within the service, and the resource in its host name. */
export interface Location<S> {
  service: S
  path: string
  resource?: string
}

/** Returns `shop` for `shop.vault.localhost` and the label `vault`. */
function resourceIn(hostname: string, label: string, domain: string | undefined): string | undefined {
  for (const parent of ['localhost', domain]) {
    const suffix = `.${label}.${parent}`
    if (parent === undefined || !hostname.endsWith(suffix)) continue
    const resource = hostname.slice(0, -suffix.length)
    if (resource !== '' && !resource.includes('.')) return resource
  }
  return undefined
}

const startsWith = (path: string, base: string) =>
  path.toLowerCase() === base || path.toLowerCase().startsWith(`${base}/`)

/**
 * Finds the service of a request by its host name, else by its path. `hostname` is lower-case, and `path` has no `//`.
 * The last service gets all remaining requests.
 */
export function locate<S extends { address: ServiceAddress }>(
  services: readonly S[],
  hostname: string,
  path: string,
  domain: string | undefined,
): Location<S> {
  for (const service of services) {
    if (!service.address.perResource) continue
    for (const label of labelsOf(service.address)) {
      const resource = resourceIn(hostname, label, domain)
      if (resource !== undefined) return { service, path, resource }
    }
  }
  const label = domain && hostname.endsWith(`.${domain}`) ? hostname.slice(0, -domain.length - 1) : undefined
  const byHost = services.find(({ address }) => !address.perResource && address.label === label)
  if (byHost && !byHost.address.servesOtherPaths) return { service: byHost, path }
  for (const service of services) {
    const { basePath } = service.address
    if (basePath !== undefined && startsWith(path, basePath))
      return { service, path: path.slice(basePath.length) || '/' }
  }
  const byPath = services.find(({ address }) => address.ownPaths?.test(path))
  return { service: byPath ?? byHost ?? services.at(-1)!, path }
}
