import { lookup as systemLookup } from 'node:dns'
import { Agent, get } from 'node:https'
import type { LookupFunction } from 'node:net'
import { createSecureContext, rootCertificates } from 'node:tls'
import type { JWK } from 'jose'
import type { Simulator } from '../simulator.ts'
import { invalidRequest } from './errors.ts'

const maxDocumentSize = 1024 * 1024
const maxKeys = 100
const timeout = 5000

const unreachable = () => invalidRequest(90061, 'Request to External OIDC endpoint failed.')
const unusable = () => invalidRequest(50166, 'Request to External OIDC endpoint failed.')

const cachedKeys = new WeakMap<Simulator, Map<string, { keys: JWK[]; at: number }>>()

/**
 * Returns the issuer's signing key with this ID, or `undefined` if the issuer does not publish it. Keys are cached; an
 * unknown ID reads them again. Throws AADSTS90061, 50166 or 900612.
 */
export async function issuerKey(simulator: Simulator, issuer: string, kid: string): Promise<JWK | undefined> {
  const cache = cachedKeys.get(simulator) ?? new Map<string, { keys: JWK[]; at: number }>()
  cachedKeys.set(simulator, cache)
  const cached = cache.get(issuer)
  const cachedKey =
    cached && simulator.isPending(cached.at, 'issuerKeys') && cached.keys.find((key) => key.kid === kid)
  if (cachedKey) return cachedKey
  const keys = await readKeys(simulator, issuer)
  cache.set(issuer, { keys, at: simulator.now() })
  return keys.find((key) => key.kid === kid)
}

async function readKeys(simulator: Simulator, issuer: string): Promise<JWK[]> {
  const base = issuer.replace(/\/$/, '')
  const document = await fetchJson(simulator, `${base}/.well-known/openid-configuration`)
  const { issuer: documentIssuer, jwks_uri: keysUrl, authorization_endpoint: authorization } = document
  if (documentIssuer !== issuer || typeof keysUrl !== 'string' || authorization === '') throw unusable()
  if (Array.isArray(document.subject_types_supported) && document.subject_types_supported.length === 0)
    throw unusable()
  const { keys } = await fetchJson(simulator, keysUrl)
  if (!Array.isArray(keys)) throw invalidRequest(900612, 'Failed to parse provider signing keys.')
  return keys.slice(0, maxKeys) as JWK[]
}

/** Resolves the sandbox's own host names: not every system resolves `*.localhost`, and none the sandbox's domain. */
const sandboxLookup =
  (simulator: Simulator): LookupFunction =>
  (name, options, done) => {
    const loginHost = new URL(simulator.addresses.login).hostname
    const domain = loginHost.replace(/^login\./, '')
    const isSandboxName = name === domain || name.endsWith(`.${domain}`) || name.endsWith('.localhost')
    if (!isSandboxName) return systemLookup(name, options as { all: false }, done as never)
    const address = ['0.0.0.0', '::'].includes(simulator.host) ? '127.0.0.1' : simulator.host
    const family = address.includes(':') ? 6 : 4
    if (options.all) return done(null, [{ address, family }])
    done(null, address, family)
  }

/** By the PEM of the sandbox's certificate authority: loading all root certificates takes longer than a request. */
const agents = new Map<string, Agent>()

function agentOf({ caPem }: Simulator): Agent {
  const agent =
    agents.get(caPem) ??
    new Agent({ secureContext: createSecureContext({ ca: [...rootCertificates, caPem] }) })
  agents.set(caPem, agent)
  return agent
}

function fetchJson(simulator: Simulator, address: string): Promise<Record<string, unknown>> {
  if (!URL.canParse(address) || new URL(address).protocol !== 'https:') return Promise.reject(unreachable())
  return new Promise((resolve, reject) => {
    const request = get(
      address,
      {
        agent: agentOf(simulator),
        lookup: sandboxLookup(simulator),
        signal: AbortSignal.timeout(timeout),
        headers: { accept: 'application/json' },
      },
      (response) => {
        const parts: Buffer[] = []
        let size = 0
        response.on('data', (part: Buffer) => {
          size += part.length
          if (size > maxDocumentSize) request.destroy(unusable())
          parts.push(part)
        })
        response.on('error', () => reject(unreachable()))
        response.on('end', () => {
          if (response.statusCode !== 200) return reject(unusable())
          try {
            const document = JSON.parse(Buffer.concat(parts).toString('utf8'))
            if (typeof document !== 'object' || document === null) throw unusable()
            resolve(document)
          } catch {
            reject(unusable())
          }
        })
      },
    )
    request.on('error', () => reject(unreachable()))
  })
}
