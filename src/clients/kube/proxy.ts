import { isLoopback } from '../loopback.ts'

type Env = Record<string, string | undefined>

const variable = (env: Env, name: string) => env[name] || env[name.toLowerCase()]

/** Returns the proxy for an address, as kubectl chooses it; undefined for loopback and for hosts in NO_PROXY. */
export function proxyFor(address: string, env: Env): string | undefined {
  const { protocol, hostname } = new URL(address)
  if (isLoopback(hostname)) return undefined
  const isExcluded = (variable(env, 'NO_PROXY') ?? '')
    .split(',')
    .map((domain) =>
      domain
        .trim()
        .toLowerCase()
        .replace(/^\*?\./, ''),
    )
    .some((domain) => domain === '*' || (domain && `.${hostname}`.endsWith(`.${domain}`)))
  if (isExcluded) return undefined
  const proxy = variable(env, protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY')
  return proxy ?? variable(env, 'ALL_PROXY')
}
