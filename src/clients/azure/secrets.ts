import type { TokenCredential } from '@azure/core-auth'
import type { SecretClient } from '@azure/keyvault-secrets'
import { requireVault } from '../audiences.ts'
import { guard, undefinedIfNotFound } from '../errors.ts'
import type { Secrets } from '../secrets.ts'
import { type ArmContext, collect } from './arm-context.ts'

type Bearer = NonNullable<Parameters<Secrets['get']>[2]>

const toCredential = (bearer: Bearer): TokenCredential => ({
  getToken: async (scopes, options) => ({
    token: await bearer.token([scopes].flat()[0]!, options?.tenantId),
    expiresOnTimestamp: Date.now() + 3_600_000,
  }),
})

export function makeSecrets(arm: ArmContext): Secrets {
  const guarded = guard('vault', arm.signal)
  const clients = new Map<string, Promise<SecretClient>>()

  const makeClient = async (vaultUri: string, credential: TokenCredential) => {
    requireVault(arm.cloud, vaultUri)
    const { SecretClient } = await import('@azure/keyvault-secrets')
    const { httpClient, retryOptions, userAgentOptions } = arm.options
    return new SecretClient(vaultUri, credential, { httpClient, retryOptions, userAgentOptions })
  }
  const clientFor = (vaultUri: string) => {
    const client = clients.get(vaultUri) ?? makeClient(vaultUri, arm.credential)
    clients.set(vaultUri, client)
    return client
  }

  return {
    get: (vaultUri, name, as) =>
      undefinedIfNotFound(
        guarded(async () => {
          const client = as ? await makeClient(vaultUri, toCredential(as)) : await clientFor(vaultUri)
          const { value = '', properties } = await client.getSecret(name, arm.call)
          const { id = '', tags, notBefore, expiresOn } = properties
          return { id, value, tags: tags ?? {}, notBefore, expires: expiresOn }
        }),
      ),
    put: (vaultUri, name, { value, tags }) =>
      guarded(async () => {
        await (await clientFor(vaultUri)).setSecret(name, value, { ...arm.call, tags })
      }),
    deleted: (vaultUri, name) =>
      undefinedIfNotFound(
        guarded(async () => {
          const { properties } = await (await clientFor(vaultUri)).getDeletedSecret(name, arm.call)
          return { tags: properties.tags ?? {} }
        }),
      ),
    recover: (vaultUri, name) =>
      guarded(async () => {
        const poller = await (await clientFor(vaultUri)).beginRecoverDeletedSecret(name, arm.call)
        await poller.pollUntilDone()
      }),
    remove: async (vaultUri, name) => {
      await undefinedIfNotFound(
        guarded(async () => {
          const poller = await (await clientFor(vaultUri)).beginDeleteSecret(name, arm.call)
          await poller.pollUntilDone()
        }),
      )
    },
    purge: async (vaultUri, name) => {
      await undefinedIfNotFound(
        guarded(async () => (await clientFor(vaultUri)).purgeDeletedSecret(name, arm.call)),
      )
    },
    names: (vaultUri) =>
      guarded(async () =>
        collect((await clientFor(vaultUri)).listPropertiesOfSecrets(arm.call), ({ name }) => name),
      ),
  }
}
