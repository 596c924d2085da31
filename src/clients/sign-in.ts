import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/core-auth'
import { guard } from './errors.ts'
import { networkError } from './network-error.ts'
import type { ServiceError } from './service-error.ts'
import {
  type CrashedProgram,
  crashedError,
  crashLine,
  firstLine,
  isDiscoveryError,
  noCredentialError,
  signInError,
} from './sign-in-error.ts'
import { type CredentialOptions, type SignInMethod, signInMethods } from './sign-in-methods.ts'

export interface SignIn {
  getToken(scopes: string[], options: GetTokenOptions): Promise<AccessToken>
  /** Discards the library's cached tokens and failures. A device code sign-in is kept: it would prompt again. */
  resetCache(): void
}

/** Returns a sign-in that tries the methods in order and keeps the first that works. */
export function makeSignIn(options: CredentialOptions): SignIn {
  let chosen: { method: SignInMethod; credential: TokenCredential } | undefined
  let choosing: Promise<unknown> | undefined

  const tenantFor = ({ tenantId }: GetTokenOptions) =>
    tenantId ?? options.explicit?.tenantId ?? options.tenantId ?? options.env.AZURE_TENANT_ID

  const explainError = (error: unknown, tokenOptions: GetTokenOptions) =>
    signInError(options, error, tenantFor(tokenOptions))

  const resetCache = () => {
    if (chosen && chosen.method.name !== 'Device code')
      chosen = { method: chosen.method, credential: chosen.method.makeCredential() }
  }

  async function useChosen(
    { method, credential }: NonNullable<typeof chosen>,
    scopes: string[],
    tokenOptions: GetTokenOptions,
  ): Promise<AccessToken> {
    try {
      const token = await credential.getToken(scopes, tokenOptions)
      if (!token) throw new Error(`${method.name} returned no token`)
      return token
    } catch (error) {
      // The library caches a failure for a minute.
      resetCache()
      if ((error as Error).name === 'AbortError') throw error
      throw (
        (await explainError(error, tokenOptions)) ??
        noCredentialError([`${method.name}: ${firstLine((error as Error).message)}`])
      )
    }
  }

  async function choose(scopes: string[], tokenOptions: GetTokenOptions): Promise<AccessToken> {
    const attempts: string[] = []
    let rejection: ServiceError | undefined
    let crashed: CrashedProgram | undefined
    for (const method of await signInMethods(options)) {
      try {
        const { token, credential } = await tryMethod(method, scopes, tokenOptions, explainError)
        chosen = { method, credential }
        return token
      } catch (thrown) {
        const error = thrown as Error
        if (error.name === 'AbortError') throw error
        // If Entra is unreachable, the user may well be signed in.
        const reason =
          (await explainError(error, tokenOptions)) ??
          (isDiscoveryError(error) ? networkError({ code: 'ECONNRESET' }, options.cloud.login) : undefined)
        if (reason && method.configured) throw reason
        rejection ??= reason
        const line = reason ? undefined : crashLine(error.message)
        if (line !== undefined) crashed ??= { name: method.name, line }
        attempts.push(
          `${method.name}: ${reason ? `${reason.code}: ${reason.message}` : firstLine(error.message)}`,
        )
      }
    }
    if (crashed && !rejection) throw crashedError(crashed)
    throw noCredentialError(attempts, rejection)
  }

  return {
    resetCache,
    async getToken(scopes, tokenOptions) {
      // Choose once at a time: two scopes in parallel would start two programs or show two device codes.
      while (!chosen && choosing) await choosing.catch(() => {})
      options.signal.throwIfAborted()
      if (chosen) return useChosen(chosen, scopes, tokenOptions)
      const choice = guard('entra', options.signal)(() => choose(scopes, tokenOptions))
      choosing = choice
      try {
        return await choice
      } finally {
        choosing = undefined
      }
    },
  }
}

/** Signs in with a method; retries once if Entra's discovery document was unreadable only temporarily. */
async function tryMethod(
  method: SignInMethod,
  scopes: string[],
  tokenOptions: GetTokenOptions,
  explainError: (error: Error, tokenOptions: GetTokenOptions) => Promise<ServiceError | undefined>,
): Promise<{ token: AccessToken; credential: TokenCredential }> {
  let credential = method.makeCredential()
  const token = await credential.getToken(scopes, tokenOptions).catch(async (error: Error) => {
    if (!isDiscoveryError(error) || (await explainError(error, tokenOptions))) throw error
    credential = method.makeCredential()
    return credential.getToken(scopes, tokenOptions)
  })
  if (!token) throw new Error('returned no token')
  return { token, credential }
}
