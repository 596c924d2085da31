import { isLoopback } from '../loopback.ts'

type Env = Record<string, string | undefined>

const named = (env: Env, name: string) => env[name] || env[name.toLowerCase()]

/** The proxy that the environment names for an address, as kubectl takes it; none for loopback and NO_PROXY. */
export function proxyFor(address: string, env: Env): string | undefined {
  const { protocol, hostname } = new URL(address)
  if (isLoopback(hostname)) return undefined
  const excluded = (named(env, 'NO_PROXY') ?? '')
    .split(',')
    .map((each) =>
      each
        .trim()
        .toLowerCase()
        .replace(/^\*?\./, ''),
    )
    .some((each) => each === '*' || (each && (hostname === each || hostname.endsWith(`.${each}`))))
  if (excluded) return undefined
  return (
    (protocol === 'https:' ? named(env, 'HTTPS_PROXY') : named(env, 'HTTP_PROXY')) ?? named(env, 'ALL_PROXY')
  )
}
