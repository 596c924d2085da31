import type { FederatedIdentityCredential, Identity } from '@azure/arm-msi'
import type { FederatedCredential } from '../directory.ts'
import { undefinedIfNotFound } from '../errors.ts'
import type { Identities, ManagedIdentity } from '../identities.ts'
import { lazy } from '../lazy.ts'
import { type ArmContext, collect } from './arm-context.ts'

const read = (of: Identity): ManagedIdentity => ({
  id: of.id ?? '',
  name: of.name ?? '',
  location: of.location,
  clientId: of.clientId ?? '',
  principalId: of.principalId ?? '',
  tenantId: of.tenantId ?? '',
  tags: of.tags ?? {},
})

const readCredential = (of: FederatedIdentityCredential): FederatedCredential => ({
  name: of.name ?? '',
  issuer: of.issuer ?? '',
  subject: of.subject ?? '',
  audience: of.audiences?.[0] ?? '',
})

export function makeIdentities(arm: ArmContext): Identities {
  const client = lazy(async () => {
    const { ManagedServiceIdentityClient } = await import('@azure/arm-msi')
    return new ManagedServiceIdentityClient(arm.credential, arm.subscription(), arm.options)
  })
  const identities = async () => (await client()).userAssignedIdentities
  const credentials = async () => (await client()).federatedIdentityCredentials
  return {
    get: (group, name) =>
      undefinedIfNotFound(arm.guard(async () => read(await (await identities()).get(group, name, arm.call)))),
    list: () => arm.guard(async () => collect((await identities()).listBySubscription(arm.call), read)),
    put: (group, name, of) =>
      arm.guard(async () => {
        await (await identities()).createOrUpdate(group, name, of, arm.call)
      }),
    remove: async (group, name) => {
      await undefinedIfNotFound(arm.guard(async () => (await identities()).delete(group, name, arm.call)))
    },

    credentials: async (group, name) =>
      (await undefinedIfNotFound(
        arm.guard(async () => collect((await credentials()).list(group, name, arm.call), readCredential)),
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
