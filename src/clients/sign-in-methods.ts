import type { TokenCredential } from '@azure/core-auth'
import type { Cloud } from './cloud.ts'
import type { Http } from './http.ts'

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
export interface SignInMethod {
  name: string
  configured: boolean
  make(): TokenCredential
}

/** The ways to sign in that there may be, in the order in which they are tried. */
export async function signInMethods(of: CredentialOptions): Promise<SignInMethod[]> {
  const identity = await import('@azure/identity')
  const { env, explicit } = of
  const options = {
    authorityHost: of.cloud.login,
    disableInstanceDiscovery: !of.cloud.instanceDiscovery,
    httpClient: of.http,
    retryOptions: { maxRetries: 0 },
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

  const found: SignInMethod[] = []
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
