import { lookup as systemLookup } from 'node:dns'
import { Agent, get } from 'node:https'
import type { LookupFunction } from 'node:net'
import { createSecureContext, rootCertificates } from 'node:tls'
import type { JWK } from 'jose'
import type { Simulator } from '../simulator.ts'
import { invalidRequest } from './errors.ts'

const maxDocument = 1024 * 1024
const maxKeys = 100
const patience = 5000

const unreachable = () => invalidRequest(90061, 'Request to External OIDC endpoint failed.')
const unusable = () => invalidRequest(50166, 'Request to External OIDC endpoint failed.')

const read = new WeakMap<Simulator, Map<string, { keys: JWK[]; at: number }>>()

/**
 * The issuer's signing key of that id, from its published documents; `undefined` when they do not have it. What was
 * read is kept for a while, but an id that it lacks makes the token service read again. Throws 90061, 50166, 900612.
 */
export async function issuerKey(simulator: Simulator, issuer: string, kid: string): Promise<JWK | undefined> {
  const cache = read.get(simulator) ?? new Map<string, { keys: JWK[]; at: number }>()
  read.set(simulator, cache)
  const known = cache.get(issuer)
  const kept =
    known && simulator.isPending(known.at, 'issuerKeys') && known.keys.find((key) => key.kid === kid)
  if (kept) return kept
  const keys = await readKeys(simulator, issuer)
  cache.set(issuer, { keys, at: simulator.now() })
  return keys.find((key) => key.kid === kid)
}

async function readKeys(simulator: Simulator, issuer: string): Promise<JWK[]> {
  const base = issuer.replace(/\/$/, '')
  const document = await fetchJson(simulator, `${base}/.well-known/openid-configuration`)
  const { issuer: named, jwks_uri: keysAt, authorization_endpoint: authorization } = document
  if (named !== issuer || typeof keysAt !== 'string' || authorization === '') throw unusable()
  if (Array.isArray(document.subject_types_supported) && document.subject_types_supported.length === 0)
    throw unusable()
  const { keys } = await fetchJson(simulator, keysAt)
  if (!Array.isArray(keys)) throw invalidRequest(900612, 'Failed to parse provider signing keys.')
  return keys.slice(0, maxKeys) as JWK[]
}

/** Loopback names do not resolve everywhere; those below the sandbox's own domain resolve nowhere. */
const ownNames =
  (simulator: Simulator): LookupFunction =>
  (name, options, done) => {
    const loginHost = new URL(simulator.addresses.login).hostname
    const domain = loginHost.replace(/^login\./, '')
    const own = name === domain || name.endsWith(`.${domain}`) || name.endsWith('.localhost')
    if (!own) return systemLookup(name, options as { all: false }, done as never)
    const address = ['0.0.0.0', '::'].includes(simulator.host) ? '127.0.0.1' : simulator.host
    const family = address.includes(':') ? 6 : 4
    if (options.all) return done(null, [{ address, family }])
    done(null, address, family)
  }

/** By the sandbox's own authority. */
const agents = new Map<string, Agent>()

/** Reading all the root certificates takes longer than a request, so it is done once. */
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
        lookup: ownNames(simulator),
        signal: AbortSignal.timeout(patience),
        headers: { accept: 'application/json' },
      },
      (response) => {
        const parts: Buffer[] = []
        let size = 0
        response.on('data', (part: Buffer) => {
          size += part.length
          if (size > maxDocument) request.destroy(unusable())
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
