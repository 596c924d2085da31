import type { TokenCredential } from '@azure/core-auth'
import { signInRecipient } from './audiences.ts'
import { requireAzCloud } from './az-cloud.ts'
import type { Cloud } from './cloud.ts'
import type { Http } from './http.ts'
import { lazy } from './lazy.ts'
import { isRecipient } from './recipients.ts'

export interface CredentialOptions {
  cloud: Cloud
  /** Tenant to sign in to (default: that of the environment or the CLI). */
  tenantId?: string | undefined
  env: Record<string, string | undefined>
  http: Http
  /** Shows the device code message. Set only on a terminal. */
  deviceCode?: ((message: string) => void) | undefined
  /** Cancels a sign-in that waits for the user or for a program. */
  signal: AbortSignal
  /** A client secret that precedes all other methods. */
  explicit?: { tenantId: string; clientId: string; clientSecret: string } | undefined
}

export interface SignInMethod {
  name: string
  /** Whether the user configured the method. If Entra rejects it, no other method is tried. */
  configured: boolean
  makeCredential(): TokenCredential
}

type Identity = typeof import('@azure/identity')

const entraOptions = ({ cloud, http }: CredentialOptions) => ({
  authorityHost: cloud.login,
  disableInstanceDiscovery: !cloud.instanceDiscovery,
  httpClient: http,
  retryOptions: { maxRetries: 0 },
  additionallyAllowedTenants: ['*'],
  userAgentOptions: { userAgentPrefix: 'wi-setup' },
})

/** Returns the available ways to sign in, in the order in which to try them. */
export async function signInMethods(options: CredentialOptions): Promise<SignInMethod[]> {
  const identity = await import('@azure/identity')
  const { explicit } = options
  if (explicit)
    return [
      method('Client secret', true, () => {
        const { tenantId, clientId, clientSecret } = explicit
        return new identity.ClientSecretCredential(tenantId, clientId, clientSecret, entraOptions(options))
      }),
    ]
  return [
    ...environmentMethods(identity, options),
    ...(options.cloud.wellKnown ? toolMethods(identity, options) : customCloudToolMethods(identity, options)),
    ...deviceCodeMethod(identity, options),
  ]
}

const method = (
  name: string,
  configured: boolean,
  makeCredential: SignInMethod['makeCredential'],
): SignInMethod => ({ name, configured, makeCredential })

/** The methods that environment variables configure, with the names that Azure's SDKs use. */
function environmentMethods(identity: Identity, options: CredentialOptions): SignInMethod[] {
  const { env } = options
  const sdkOptions = entraOptions(options)
  const methods: SignInMethod[] = []
  const tenantId = options.tenantId ?? env.AZURE_TENANT_ID
  const clientId = env.AZURE_CLIENT_ID
  const secret = env.AZURE_CLIENT_SECRET
  const certificatePath = env.AZURE_CLIENT_CERTIFICATE_PATH
  const tokenFilePath = env.AZURE_FEDERATED_TOKEN_FILE
  if (tenantId && clientId && secret)
    methods.push(
      method(
        'Environment (client secret)',
        true,
        () => new identity.ClientSecretCredential(tenantId, clientId, secret, sdkOptions),
      ),
    )
  else if (tenantId && clientId && certificatePath) {
    const password = env.AZURE_CLIENT_CERTIFICATE_PASSWORD
    const certificate = { certificatePath, ...(password ? { certificatePassword: password } : {}) }
    const sendCertificateChain = /^(true|1)$/i.test(env.AZURE_CLIENT_SEND_CERTIFICATE_CHAIN ?? '')
    methods.push(
      method(
        'Environment (client certificate)',
        true,
        () =>
          new identity.ClientCertificateCredential(tenantId, clientId, certificate, {
            ...sdkOptions,
            sendCertificateChain,
          }),
      ),
    )
  }
  if (tenantId && clientId && tokenFilePath)
    methods.push(
      method(
        'Workload identity',
        true,
        () => new identity.WorkloadIdentityCredential({ ...sdkOptions, tenantId, clientId, tokenFilePath }),
      ),
    )
  // Without these variables, a managed identity would probe an address that hangs outside Azure.
  if (env.IDENTITY_ENDPOINT || env.MSI_ENDPOINT)
    methods.push(
      method('Managed identity', true, () =>
        clientId
          ? new identity.ManagedIdentityCredential(clientId, sdkOptions)
          : new identity.ManagedIdentityCredential(sdkOptions),
      ),
    )
  return methods
}

const toolOptions = ({ tenantId }: CredentialOptions) => ({
  ...(tenantId ? { tenantId } : {}),
  additionallyAllowedTenants: ['*'],
  processTimeoutInMs: 60_000,
})

function toolMethods(identity: Identity, credentialOptions: CredentialOptions): SignInMethod[] {
  const options = toolOptions(credentialOptions)
  return [
    method('Azure CLI', false, () => new identity.AzureCliCredential(options)),
    method('Azure PowerShell', false, () => new identity.AzurePowerShellCredential(options)),
    method('Azure Developer CLI', false, () => new identity.AzureDeveloperCliCredential(options)),
  ]
}

/** Of the tools' sign-ins, a custom cloud gets only that of az, and only if az is signed in to this very cloud. */
function customCloudToolMethods(identity: Identity, options: CredentialOptions): SignInMethod[] {
  const refuse = (reason: string) => (): TokenCredential => ({
    getToken: () => Promise.reject(new Error(reason)),
  })
  // The active cloud is read once: a command needs several tokens, and each start of az takes a second.
  const requireCloud = lazy(() => requireAzCloud(options))
  const otherCloud = `not used, because its sign-in is not for the cloud ${options.cloud.arm}`
  return [
    method('Azure CLI', false, () => {
      const az = new identity.AzureCliCredential(toolOptions(options))
      return {
        async getToken(...request) {
          await requireCloud()
          return az.getToken(...request)
        },
      }
    }),
    method('Azure PowerShell', false, refuse(otherCloud)),
    method('Azure Developer CLI', false, refuse(otherCloud)),
  ]
}

function deviceCodeMethod(identity: Identity, options: CredentialOptions): SignInMethod[] {
  const { cloud, deviceCode, tenantId } = options
  if (!deviceCode) return []
  return [
    method(
      'Device code',
      true,
      () =>
        new identity.DeviceCodeCredential({
          ...entraOptions(options),
          ...(tenantId ? { tenantId } : {}),
          userPromptCallback: ({ message, verificationUri }) => {
            // Otherwise a cloud could have the user approve a sign-in to another one.
            if (!cloud.wellKnown && !isRecipient(signInRecipient(cloud), verificationUri))
              throw new Error(`${verificationUri} is not at ${cloud.login}`)
            deviceCode(message)
          },
        }),
    ),
  ]
}
