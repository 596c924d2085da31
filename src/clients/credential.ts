import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/core-auth'
import { recipientOf, signInRecipient } from './audiences.ts'
import { makeSignIn } from './sign-in.ts'
import type { CredentialOptions } from './sign-in-methods.ts'

export type { CredentialOptions }

/**
 * Returns a credential that signs in with the first method that works, and caches tokens. Throws `ServiceError` with
 * the service `entra` and an `AADSTS…` code, or `NoCredential` with one line for each method.
 */
export function makeCredential(options: CredentialOptions): TokenCredential {
  const { cloud, env, http } = options
  const signIn = makeSignIn(options)
  http.credentials.bindSignIn(signInRecipient(cloud))
  // Azure Arc's endpoint gets a key that it has placed in a file.
  if (env.IDENTITY_ENDPOINT && URL.canParse(env.IDENTITY_ENDPOINT))
    http.credentials.trust({
      service: 'the managed identity endpoint',
      origins: [new URL(env.IDENTITY_ENDPOINT).origin],
    })
  const cache = new Map<string, { promise: Promise<AccessToken>; token?: AccessToken }>()
  /** The scopes and options of every issued token. */
  const issued = new Map<string, [scopes: string[], options: GetTokenOptions]>()

  function fetchToken(key: string, scopes: string[], tokenOptions: GetTokenOptions) {
    const recipient = recipientOf(cloud, scopes)
    // Not aborted by the caller's signal, because other callers may wait for the same token.
    const promise = signIn.getToken(scopes, { ...tokenOptions, abortSignal: options.signal })
    const entry: NonNullable<ReturnType<typeof cache.get>> = { promise }
    cache.set(key, entry)
    const { claims: _, ...renewalOptions } = tokenOptions
    promise.then(
      (token) => {
        entry.token = token
        http.credentials.bind(`Bearer ${token.token}`, recipient)
        issued.set(token.token, [scopes, renewalOptions])
      },
      () => {
        if (cache.get(key) === entry) cache.delete(key)
      },
    )
    return promise
  }

  const credential: TokenCredential = {
    async getToken(scopes, { tenantId, claims, enableCae = false } = {}) {
      const scopeList = [scopes].flat()
      const key = cacheKey(scopeList, tenantId)
      const cached = cache.get(key)
      if (cached && !claims && (!cached.token || isFresh(cached.token))) return cached.promise
      return fetchToken(key, scopeList, {
        enableCae,
        ...(tenantId ? { tenantId } : {}),
        ...(claims ? { claims } : {}),
      })
    },
  }

  http.renew = async (token) => {
    const request = issued.get(token)
    if (!request) return undefined
    const [scopes, tokenOptions] = request
    const key = cacheKey(scopes, tokenOptions.tenantId)
    // Of several requests with the rejected token, only the first discards it.
    if (cache.get(key)?.token?.token === token) {
      cache.delete(key)
      signIn.resetCache()
    }
    const renewed = await credential.getToken(scopes, tokenOptions)
    return renewed && renewed.token !== token ? renewed.token : undefined
  }
  return credential
}

const cacheKey = (scopes: string[], tenantId: string | undefined) => JSON.stringify([scopes, tenantId])

const isFresh = (token: AccessToken) =>
  (token.refreshAfterTimestamp ?? token.expiresOnTimestamp - 300_000) > Date.now()

/** Returns a token's claims without verifying it, for display. */
export function claimsOf(token: string): Record<string, unknown> {
  try {
    return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
  } catch {
    return {}
  }
}
