import { withoutTrailingSlash } from '../base/trailing-slash.ts'
import { guard } from './errors.ts'
import type { Http } from './http.ts'
import { sendHttpRequest } from './http-request.ts'
import type { Issuers } from './issuers.ts'
import { networkError } from './network-error.ts'
import { ServiceError } from './service-error.ts'

const timeout = 10_000

interface Discovery {
  issuer?: unknown
  jwks_uri?: unknown
}

interface KeySet {
  keys?: Record<string, unknown>[]
}

const isGone = (status: number | undefined) => status === 404 || status === 410

const documentError = (code: string, message: string, status?: number) =>
  new ServiceError({ service: 'network', code, message, status })

/** Error codes: a network code such as `ENOTFOUND`, `NotHttps`, `HttpStatus`, `NotJson` or `InvalidDocument`. */
export function makeIssuers({ http, signal }: { http: Http; signal: AbortSignal }): Issuers {
  async function fetchDocument<T>(name: string, url: string): Promise<T> {
    const error = (code: string, reason: string, status?: number) =>
      documentError(code, `The ${name} ${url} ${reason}`, status)
    if (!URL.canParse(url)) throw error('InvalidDocument', 'is not a valid URL')
    if (!url.startsWith('https://')) throw error('NotHttps', 'does not start with https://')
    const response = await sendHttpRequest(http, {
      method: 'GET',
      url,
      headers: { accept: 'application/json, */*;q=0.1' },
      signal,
      timeout,
      isDocument: true,
    }).catch((cause) => {
      if (signal.aborted) throw cause
      const { code, message } = networkError(cause, url)
      throw error(code, `can't be read: ${message}`)
    })
    if (response.status !== 200)
      throw error('HttpStatus', `returned status ${response.status}`, response.status)
    try {
      const body = JSON.parse(response.text)
      if (typeof body === 'object' && body !== null) return body
    } catch {}
    throw error('NotJson', 'is not a JSON object')
  }

  const discoveryUrl = (issuer: string) => `${withoutTrailingSlash(issuer)}/.well-known/openid-configuration`

  async function isPublished(issuer: string): Promise<boolean> {
    try {
      await fetchDocument('discovery document', discoveryUrl(issuer))
      return true
    } catch (error) {
      if (error instanceof ServiceError && error.code === 'HttpStatus') return !isGone(error.status)
      throw error
    }
  }

  async function documents(issuer: string) {
    const url = discoveryUrl(issuer)
    const discovery = await fetchDocument<Discovery>('discovery document', url)
    if (typeof discovery.issuer !== 'string')
      throw documentError('InvalidDocument', `The discovery document ${url} has no issuer`)
    if (typeof discovery.jwks_uri !== 'string')
      throw documentError('InvalidDocument', `The discovery document ${url} has no jwks_uri`)
    const { keys } = await fetchDocument<KeySet>('key set', discovery.jwks_uri)
    if (!Array.isArray(keys))
      throw documentError('InvalidDocument', `The key set ${discovery.jwks_uri} has no keys`)
    return {
      issuer: discovery.issuer,
      jwksUri: discovery.jwks_uri,
      keys: keys.map((key) => ({
        kid: String(key.kid ?? ''),
        alg: typeof key.alg === 'string' ? key.alg : undefined,
        kty: String(key.kty ?? ''),
      })),
      jwks: { keys },
    }
  }

  const guarded = guard('network', signal)
  return {
    documents: (issuer) => guarded(() => documents(issuer)),
    isPublished: (issuer) => guarded(() => isPublished(issuer)),
  }
}
