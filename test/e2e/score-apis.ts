import { type Apis, createApis, type JsonObject, kubeClient } from '../score/apis.ts'
import { type E2eEnvironment, setUpFlags } from './environment.ts'

/** Returns the flags that all set-ups on the managed cluster share. */
export function sharedFlags(environment: E2eEnvironment): string[] {
  const own = ['--cloud', '--namespace', '--service-account', '--vault', '--secret']
  const flags = setUpFlags(environment)
  return flags.filter((_, n) => !own.includes(flags[n - (n % 2)]!))
}

const fetchJson = async (url: string, init: RequestInit = {}) =>
  (await (await fetch(url, init)).json()) as JsonObject

/** Returns a function that signs in as the sandbox's operator. */
function tokenFor({ env }: E2eEnvironment, login: string) {
  return async (resource: string): Promise<string> => {
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: env.AZURE_CLIENT_ID!,
      client_secret: env.AZURE_CLIENT_SECRET!,
      scope: `${resource}/.default`,
    })
    const url = `${login}/${env.AZURE_TENANT_ID}/oauth2/v2.0/token`
    const { access_token, error_description } = await fetchJson(url, { method: 'POST', body })
    if (!access_token) throw new Error(error_description)
    return access_token
  }
}

/**
 * Returns the public APIs of the sandbox and of the real cluster. The process must have been started with the
 * sandbox's certificate authority and names, as `run.ts` does.
 */
export async function sandboxApis(environment: E2eEnvironment): Promise<Apis> {
  const { arm, kubeconfig } = environment
  const { authentication, microsoftGraphResourceId, suffixes } = await fetchJson(
    `${arm}/metadata/endpoints?api-version=2022-09-01`,
  )
  const token = tokenFor(environment, authentication.loginEndpoint.replace(/\/$/, ''))
  const { value: subscriptions } = await fetchJson(`${arm}/subscriptions?api-version=2022-12-01`, {
    headers: { authorization: `Bearer ${await token(arm)}` },
  })
  return createApis(
    {
      arm,
      graph: microsoftGraphResourceId.replace(/\/$/, ''),
      vaultResource: `https://${suffixes.keyVaultDns}`,
      subscription: subscriptions[0].subscriptionId,
      token,
      async send(url, { method, token, json }) {
        const response = await fetch(url, {
          method,
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body: json === undefined ? null : JSON.stringify(json),
        })
        const text = await response.text()
        return { status: response.status, body: text ? JSON.parse(text) : undefined }
      },
    },
    kubeClient(kubeconfig),
  )
}
