import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/core-auth'
import { parseEntraError } from './entra-error.ts'
import { guard, networkError, responseError, toServiceError } from './errors.ts'
import { sendHttpRequest } from './http-request.ts'
import { ServiceError } from './service-error.ts'
import { type CredentialOptions, type SignInMethod, signInMethods } from './sign-in-methods.ts'

const firstLine = (text: string) => text.split(/\r?\n/)[0]!.trim()

/** Why a library found no endpoints: the tenant's document tells it, the library does not. */
async function endpointTrouble(of: CredentialOptions, tenant: string): Promise<ServiceError | undefined> {
  const url = `${of.cloud.login}/${tenant}/v2.0/.well-known/openid-configuration`
  try {
    const answer = await sendHttpRequest(of.http, { method: 'GET', url, signal: AbortSignal.timeout(15_000) })
    const said = parseEntraError(answer.text)
    if (said) return new ServiceError({ service: 'entra', status: answer.status, ...said })
    return answer.status >= 400
      ? responseError('entra', { status: answer.status, text: undefined, header: answer.header })
      : undefined
  } catch (error) {
    const translated = toServiceError(error, 'entra')
    return translated instanceof ServiceError ? translated : undefined
  }
}

const isEndpointTrouble = ({ message }: Error) =>
  /endpoints_resolution_error|openid_config_error/.test(message)

async function explained(of: CredentialOptions, error: unknown, tenant: string | undefined) {
  const text = (error as Error).message ?? String(error)
  if (isEndpointTrouble(error as Error) && tenant) {
    const trouble = await endpointTrouble(of, tenant)
    if (trouble) return trouble
  }
  const said = parseEntraError(text)
  if (said) return new ServiceError({ service: 'entra', ...said, cause: error })
  const translated = toServiceError(error, 'entra')
  return translated instanceof ServiceError && translated.service === 'network' ? translated : undefined
}

export type { CredentialOptions }

/**
 * Signs in by the first way that works and stays with it. Throws `ServiceError` (service entra) with code `AADSTSn`,
 * or `NoCredential` with one line for each way that was tried.
 */
export function makeCredential(of: CredentialOptions): TokenCredential {
  let chosen: { source: SignInMethod; credential: TokenCredential } | undefined
  let choosing: Promise<unknown> | undefined
  const kept = new Map<string, { promise: Promise<AccessToken>; token?: AccessToken }>()

  async function byChosen(
    { source, credential }: NonNullable<typeof chosen>,
    scopes: string[],
    options: GetTokenOptions,
  ) {
    try {
      const token = await credential.getToken(scopes, options)
      if (!token) throw new Error(`${source.name} gave no token`)
      return token
    } catch (error) {
      // The library keeps a failure in mind for a minute; a fresh instance asks again.
      if (source.name !== 'Device code') chosen = { source, credential: source.make() }
      if ((error as Error).name === 'AbortError') throw error
      throw (
        (await explained(of, error, askedTenant(options))) ??
        noCredential([`${source.name}: ${firstLine((error as Error).message)}`])
      )
    }
  }

  const askedTenant = (options: GetTokenOptions) =>
    options.tenantId ?? of.explicit?.tenantId ?? of.tenantId ?? of.env.AZURE_TENANT_ID

  async function choose(scopes: string[], options: GetTokenOptions): Promise<AccessToken> {
    const tried: string[] = []
    let refused: ServiceError | undefined
    for (const source of await signInMethods(of)) {
      try {
        let credential = source.make()
        const token = await credential.getToken(scopes, options).catch(async (error: Error) => {
          // Entra's document was not to be had, but is by now: an instance that has not seen the failure asks again.
          if (!isEndpointTrouble(error) || (await explained(of, error, askedTenant(options)))) throw error
          credential = source.make()
          return credential.getToken(scopes, options)
        })
        if (!token) throw new Error('gave no token')
        chosen = { source, credential }
        return token
      } catch (error) {
        if ((error as Error).name === 'AbortError') throw error
        const said =
          (await explained(of, error, askedTenant(options))) ??
          // Entra cannot be reached at times: that is not "nobody is signed in".
          (isEndpointTrouble(error as Error)
            ? networkError({ code: 'ECONNRESET' }, of.cloud.login)
            : undefined)
        if (said && source.configured) throw said
        refused ??= said
        tried.push(
          `${source.name}: ${said ? `${said.code}: ${said.message}` : firstLine((error as Error).message)}`,
        )
      }
    }
    throw noCredential(tried, refused)
  }

  async function fetchToken(scopes: string[], options: GetTokenOptions): Promise<AccessToken> {
    // One choice at a time, or two scopes would start two programs and show two codes.
    while (!chosen && choosing) await choosing.catch(() => {})
    of.signal.throwIfAborted()
    if (chosen) return byChosen(chosen, scopes, options)
    const choice = guard('entra', of.signal)(() => choose(scopes, options))
    choosing = choice
    try {
      return await choice
    } finally {
      choosing = undefined
    }
  }

  /** Scopes and options of the tokens that were given out. */
  const given = new Map<string, [string[], GetTokenOptions]>()
  of.http.renew = async (token) => {
    const asked = given.get(token)
    if (!asked) return undefined
    const [scopes, options] = asked
    const key = keyOf(scopes, options.tenantId)
    // Several requests may find out at once.
    const known = kept.get(key)
    if (known && known.token?.token === token) {
      kept.delete(key)
      // The library would give the same again.
      if (chosen && chosen.source.name !== 'Device code')
        chosen = { source: chosen.source, credential: chosen.source.make() }
    }
    const fresh = await credential.getToken(scopes, options)
    return fresh && fresh.token !== token ? fresh.token : undefined
  }

  const credential: TokenCredential = {
    getToken(scopes, { tenantId, claims, enableCae = false } = {}) {
      const list = [scopes].flat()
      const key = keyOf(list, tenantId)
      let entry = kept.get(key)
      if (!entry || claims || (entry.token && !isFresh(entry.token))) {
        // Not with the asker's abort signal: others may be waiting for the same token.
        const promise = fetchToken(list, {
          enableCae,
          abortSignal: of.signal,
          ...(tenantId ? { tenantId } : {}),
          ...(claims ? { claims } : {}),
        })
        const made: typeof entry = { promise }
        entry = made
        kept.set(key, made)
        promise.then(
          (token) => {
            made.token = token
            given.set(token.token, [list, { enableCae, ...(tenantId ? { tenantId } : {}) }])
          },
          () => {
            if (kept.get(key) === made) kept.delete(key)
          },
        )
      }
      return entry.promise
    },
  }
  return credential
}

const keyOf = (scopes: string[], tenantId: string | undefined) => JSON.stringify([scopes, tenantId])

const isFresh = (token: AccessToken) =>
  (token.refreshAfterTimestamp ?? token.expiresOnTimestamp - 300_000) > Date.now()

const noCredential = (tried: string[], refused?: ServiceError) =>
  new ServiceError({
    service: 'entra',
    code: refused?.code ?? 'NoCredential',
    message: `Nobody is signed in. Tried:\n${tried.map((each) => `  ${each}`).join('\n')}`,
    requestId: refused?.requestId,
  })

/** The token's claims, not verified: for showing who is signed in. */
export function claimsOf(token: string): Record<string, unknown> {
  try {
    return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
  } catch {
    return {}
  }
}
