import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/core-auth'
import { aadsts } from './aadsts.ts'
import type { Cloud } from './cloud.ts'
import { guard, translate } from './errors.ts'
import type { Http } from './http.ts'
import { sendPlain } from './plain-request.ts'
import { ServiceError } from './service-error.ts'

export interface CredentialOptions {
  cloud: Cloud
  /** Tenant to sign in to; that of the source (the CLI's, the environment's) unless given. */
  tenantId?: string | undefined
  env: Record<string, string | undefined>
  http: Http
  /** Given on a terminal: shows the message with the code to type in a browser. */
  deviceCode?: ((message: string) => void) | undefined
  /** Ends a sign-in that waits for somebody, or for a program. */
  signal: AbortSignal
  /** A client secret to use before all else. */
  explicit?: { tenantId: string; clientId: string; clientSecret: string } | undefined
}

/** One way to sign in. A `configured` one was asked for: if Entra refuses it, no other is tried. */
interface Source {
  name: string
  configured: boolean
  make(): TokenCredential
}

async function sources(of: CredentialOptions): Promise<Source[]> {
  const identity = await import('@azure/identity')
  const { env, explicit } = of
  const options = {
    authorityHost: of.cloud.login,
    disableInstanceDiscovery: !of.cloud.instanceDiscovery,
    httpClient: of.http,
    retryOptions: { maxRetries: 3 },
    additionallyAllowedTenants: ['*'],
    userAgentOptions: { userAgentPrefix: 'wi-setup' },
  }
  if (explicit)
    return [
      {
        name: 'Client secret',
        configured: true,
        make: () =>
          new identity.ClientSecretCredential(
            explicit.tenantId,
            explicit.clientId,
            explicit.clientSecret,
            options,
          ),
      },
    ]

  const found: Source[] = []
  const add = (name: string, configured: boolean, make: () => TokenCredential) =>
    found.push({ name, configured, make })
  const tenant = of.tenantId ? { tenantId: of.tenantId } : {}
  const tenantId = of.tenantId ?? env.AZURE_TENANT_ID
  const clientId = env.AZURE_CLIENT_ID
  const secret = env.AZURE_CLIENT_SECRET
  const certificate = env.AZURE_CLIENT_CERTIFICATE_PATH
  const tokenFile = env.AZURE_FEDERATED_TOKEN_FILE
  if (tenantId && clientId && secret)
    add(
      'Environment (client secret)',
      true,
      () => new identity.ClientSecretCredential(tenantId, clientId, secret, options),
    )
  else if (tenantId && clientId && certificate) {
    const password = env.AZURE_CLIENT_CERTIFICATE_PASSWORD
    add(
      'Environment (client certificate)',
      true,
      () =>
        new identity.ClientCertificateCredential(
          tenantId,
          clientId,
          { certificatePath: certificate, ...(password ? { certificatePassword: password } : {}) },
          {
            ...options,
            sendCertificateChain: /^(true|1)$/i.test(env.AZURE_CLIENT_SEND_CERTIFICATE_CHAIN ?? ''),
          },
        ),
    )
  }
  if (tenantId && clientId && tokenFile)
    add(
      'Workload identity',
      true,
      () =>
        new identity.WorkloadIdentityCredential({ ...options, tenantId, clientId, tokenFilePath: tokenFile }),
    )
  // Without one of these a managed identity means probing an address that hangs outside Azure.
  if (env.IDENTITY_ENDPOINT || env.MSI_ENDPOINT)
    add('Managed identity', true, () =>
      clientId
        ? new identity.ManagedIdentityCredential(clientId, options)
        : new identity.ManagedIdentityCredential(options),
    )
  const cli = { ...tenant, additionallyAllowedTenants: ['*'], processTimeoutInMs: 60_000 }
  add('Azure CLI', false, () => new identity.AzureCliCredential(cli))
  add('Azure PowerShell', false, () => new identity.AzurePowerShellCredential(cli))
  add('Azure Developer CLI', false, () => new identity.AzureDeveloperCliCredential(cli))
  const { deviceCode } = of
  if (deviceCode)
    add(
      'Device code',
      true,
      () =>
        new identity.DeviceCodeCredential({
          ...options,
          ...tenant,
          userPromptCallback: (info) => deviceCode(info.message),
        }),
    )
  return found
}

const firstLine = (text: string) => text.split(/\r?\n/)[0]!.trim()

/** Why a library found no endpoints: the tenant's document tells it, the library does not. */
async function endpointTrouble(of: CredentialOptions, tenant: string): Promise<ServiceError | undefined> {
  const url = `${of.cloud.login}/${tenant}/v2.0/.well-known/openid-configuration`
  try {
    const answer = await sendPlain(of.http, { method: 'GET', url, signal: AbortSignal.timeout(15_000) })
    const said = aadsts(answer.text)
    return said && new ServiceError({ service: 'entra', status: answer.status, ...said })
  } catch (error) {
    const translated = translate(error, 'entra')
    return translated instanceof ServiceError ? translated : undefined
  }
}

async function explained(of: CredentialOptions, error: unknown, tenant: string | undefined) {
  const text = (error as Error).message ?? String(error)
  if (/endpoints_resolution_error|openid_config_error/.test(text) && tenant) {
    const trouble = await endpointTrouble(of, tenant)
    if (trouble) return trouble
  }
  const said = aadsts(text)
  if (said) return new ServiceError({ service: 'entra', ...said, cause: error })
  const translated = translate(error, 'entra')
  return translated instanceof ServiceError && translated.service === 'network' ? translated : undefined
}

/**
 * Signs in by the first way that works and stays with it. Throws `ServiceError` (service entra) with code `AADSTSn`,
 * or `NoCredential` with one line for each way that was tried.
 */
export function makeCredential(of: CredentialOptions): TokenCredential {
  let chosen: { source: Source; credential: TokenCredential } | undefined
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
    for (const source of await sources(of)) {
      try {
        const credential = source.make()
        const token = await credential.getToken(scopes, options)
        if (!token) throw new Error('gave no token')
        chosen = { source, credential }
        return token
      } catch (error) {
        if ((error as Error).name === 'AbortError') throw error
        const said = await explained(of, error, askedTenant(options))
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

  return {
    getToken(scopes, { tenantId, claims, enableCae = false } = {}) {
      const list = [scopes].flat()
      const key = JSON.stringify([list, tenantId])
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
          },
          () => {
            if (kept.get(key) === made) kept.delete(key)
          },
        )
      }
      return entry.promise
    },
  }
}

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
