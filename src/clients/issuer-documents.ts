import { guard, networkError } from './errors.ts'
import type { Http } from './http.ts'
import { sendHttpRequest } from './http-request.ts'
import type { Issuers } from './issuers.ts'
import { ServiceError } from './service-error.ts'

const timeout = 10_000

interface Discovery {
  issuer?: unknown
  jwks_uri?: unknown
}

interface KeySet {
  keys?: Record<string, unknown>[]
}

/** Codes: a network code (`ENOTFOUND`), `NotHttps`, `HttpStatus`, `NotJson`, `InvalidDocument`. */
export function makeIssuers(of: { http: Http; signal: AbortSignal }): Issuers {
  async function document<T>(what: string, url: string): Promise<T> {
    const failed = (code: string, why: string, status?: number) =>
      new ServiceError({ service: 'network', code, message: `The ${what} ${url} ${why}`, status })
    if (!URL.canParse(url)) throw failed('InvalidDocument', 'is no address')
    if (!url.startsWith('https://')) throw failed('NotHttps', 'does not begin with https://')
    const answer = await sendHttpRequest(of.http, {
      method: 'GET',
      url,
      headers: { accept: 'application/json, */*;q=0.1' },
      signal: of.signal,
      timeout,
    }).catch((error) => {
      if (of.signal.aborted) throw error
      const { code, message } = networkError(error, url)
      throw failed(code, `can't be read: ${message}`)
    })
    if (answer.status !== 200)
      throw failed('HttpStatus', `answers with status ${answer.status}`, answer.status)
    try {
      const body = JSON.parse(answer.text)
      if (typeof body === 'object' && body !== null) return body
    } catch {}
    throw failed('NotJson', 'is no JSON object')
  }

  return {
    documents: (issuer) =>
      guard(
        'network',
        of.signal,
      )(async () => {
        const url = `${issuer.replace(/\/+$/, '')}/.well-known/openid-configuration`
        const discovery = await document<Discovery>('discovery document', url)
        const invalid = (message: string) =>
          new ServiceError({ service: 'network', code: 'InvalidDocument', message })
        if (typeof discovery.issuer !== 'string')
          throw invalid(`The discovery document ${url} names no issuer`)
        if (typeof discovery.jwks_uri !== 'string')
          throw invalid(`The discovery document ${url} names no jwks_uri`)
        const { keys } = await document<KeySet>('key set', discovery.jwks_uri)
        if (!Array.isArray(keys)) throw invalid(`The key set ${discovery.jwks_uri} has no keys`)
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
      }),
  }
}
