import type { TokenCredential } from '@azure/core-auth'
import type { SecretClient } from '@azure/keyvault-secrets'
import { guard, undefinedIfNotFound } from '../errors.ts'
import type { Secrets } from '../secrets.ts'
import { type ArmContext, collect } from './arm-context.ts'

type Bearer = NonNullable<Parameters<Secrets['get']>[2]>

const asCredential = (bearer: Bearer): TokenCredential => ({
  getToken: async (scopes, options) => ({
    token: await bearer.token([scopes].flat()[0]!, options?.tenantId),
    expiresOnTimestamp: Date.now() + 3_600_000,
  }),
})

export function makeSecrets(arm: ArmContext): Secrets {
  const guarded = guard('vault', arm.signal)
  const clients = new Map<string, Promise<SecretClient>>()

  const make = async (vaultUri: string, credential: TokenCredential) => {
    const { SecretClient } = await import('@azure/keyvault-secrets')
    const { httpClient, retryOptions, userAgentOptions } = arm.options
    return new SecretClient(vaultUri, credential, { httpClient, retryOptions, userAgentOptions })
  }
  const client = (vaultUri: string) => {
    const found = clients.get(vaultUri) ?? make(vaultUri, arm.credential)
    clients.set(vaultUri, found)
    return found
  }

  return {
    get: (vaultUri, name, as) =>
      undefinedIfNotFound(
        guarded(async () => {
          const secrets = as ? await make(vaultUri, asCredential(as)) : await client(vaultUri)
          const { value = '', properties } = await secrets.getSecret(name, arm.call)
          return {
            id: properties.id ?? '',
            value,
            tags: properties.tags ?? {},
            notBefore: properties.notBefore,
            expires: properties.expiresOn,
          }
        }),
      ),
    put: (vaultUri, name, { value, tags }) =>
      guarded(async () => {
        await (await client(vaultUri)).setSecret(name, value, { ...arm.call, tags })
      }),
    deleted: (vaultUri, name) =>
      undefinedIfNotFound(
        guarded(async () => {
          const { properties } = await (await client(vaultUri)).getDeletedSecret(name, arm.call)
          return { tags: properties.tags ?? {} }
        }),
      ),
    recover: (vaultUri, name) =>
      guarded(async () => {
        const poller = await (await client(vaultUri)).beginRecoverDeletedSecret(name, arm.call)
        await poller.pollUntilDone()
      }),
    remove: async (vaultUri, name) => {
      await undefinedIfNotFound(
        guarded(async () => {
          const poller = await (await client(vaultUri)).beginDeleteSecret(name, arm.call)
          await poller.pollUntilDone()
        }),
      )
    },
    purge: async (vaultUri, name) => {
      await undefinedIfNotFound(
        guarded(async () => (await client(vaultUri)).purgeDeletedSecret(name, arm.call)),
      )
    },
    names: (vaultUri) =>
      guarded(async () =>
        collect((await client(vaultUri)).listPropertiesOfSecrets(arm.call), (each) => each.name),
      ),
  }
}
