import type { FederatedIdentityCredential, Identity } from '@azure/arm-msi'
import type { FederatedCredential } from '../directory.ts'
import { undefinedIfNotFound } from '../errors.ts'
import type { Identities, ManagedIdentity } from '../identities.ts'
import { lazy } from '../lazy.ts'
import { type ArmContext, collect } from './arm-context.ts'
import { resourceGroupOf } from './resource-id.ts'

const toIdentity = (identity: Identity): ManagedIdentity => {
  const { id = '', name = '', location, clientId = '', principalId = '', tenantId = '', tags } = identity
  return { id, name, group: resourceGroupOf(id), location, clientId, principalId, tenantId, tags: tags ?? {} }
}

const toCredential = (credential: FederatedIdentityCredential): FederatedCredential => {
  const { name = '', issuer = '', subject = '', audiences } = credential
  return { name, issuer, subject, audience: audiences?.[0] ?? '' }
}

export function makeIdentities(arm: ArmContext): Identities {
  const client = lazy(async () => {
    const { ManagedServiceIdentityClient } = await import('@azure/arm-msi')
    return new ManagedServiceIdentityClient(arm.credential, arm.subscription(), arm.options)
  })
  const identities = async () => (await client()).userAssignedIdentities
  const credentials = async () => (await client()).federatedIdentityCredentials
  return {
    get: (group, name) =>
      undefinedIfNotFound(
        arm.guard(async () => toIdentity(await (await identities()).get(group, name, arm.call))),
      ),
    list: () => arm.guard(async () => collect((await identities()).listBySubscription(arm.call), toIdentity)),
    put: (group, name, options) =>
      arm.guard(async () => {
        await (await identities()).createOrUpdate(group, name, options, arm.call)
      }),
    remove: async (group, name) => {
      await undefinedIfNotFound(arm.guard(async () => (await identities()).delete(group, name, arm.call)))
    },

    credentials: async (group, name) =>
      (await undefinedIfNotFound(
        arm.guard(async () => collect((await credentials()).list(group, name, arm.call), toCredential)),
      )) ?? [],
    putCredential: (group, name, { name: credential, issuer, subject, audience }) =>
      arm.guard(async () => {
        const body = { issuer, subject, audiences: [audience] }
        await (await credentials()).createOrUpdate(group, name, credential, body, arm.call)
      }),
    removeCredential: async (group, name, credential) => {
      await undefinedIfNotFound(
        arm.guard(async () => (await credentials()).delete(group, name, credential, arm.call)),
      )
    },
  }
}
