import type { KeyVaultManagementClient } from '@azure/arm-keyvault'
import { undefinedIfNotFound } from '../errors.ts'
import { lazy } from '../lazy.ts'
import type { Vaults } from '../vaults.ts'
import { type ArmContext, collect } from './arm-context.ts'
import { equalsIgnoreCase } from './resource-id.ts'
import { toContent, toDeletedVault, toVault } from './vault.ts'

const sku = { family: 'A', name: 'standard' } as const

type Client = () => Promise<KeyVaultManagementClient>
type Writes = 'create' | 'recover' | 'addPolicy' | 'removePolicy' | 'remove' | 'purge'

export function makeVaults(arm: ArmContext): Vaults {
  const client = lazy(async () => {
    const { KeyVaultManagementClient } = await import('@azure/arm-keyvault')
    return new KeyVaultManagementClient(arm.credential, arm.subscription(), arm.options)
  })
  const reads = makeReads(arm, client)
  return { ...reads, ...makeWrites(arm, client, reads.get) }
}

function makeReads(arm: ArmContext, client: Client): Omit<Vaults, Writes> {
  const vaults = async () => (await client()).vaults
  return {
    get: (group, name) =>
      undefinedIfNotFound(arm.guard(async () => toVault(await (await vaults()).get(group, name, arm.call)))),
    list: () => arm.guard(async () => collect((await vaults()).listBySubscription(arm.call), toVault)),
    deleted: (name) =>
      arm.guard(async () => {
        const deleted = await collect((await vaults()).listDeleted(arm.call), toDeletedVault)
        return deleted.find((each) => equalsIgnoreCase(each.name, name))
      }),
    nameTaken: (name) =>
      arm.guard(async () => {
        const { nameAvailable, message, reason } = await (await vaults()).checkNameAvailability(
          { name, type: 'Microsoft.KeyVault/vaults' },
          arm.call,
        )
        return nameAvailable ? undefined : (message ?? reason ?? 'The name is already in use')
      }),
    contents: (group, name) =>
      arm.guard(async () => {
        const { secrets, keys } = await client()
        const contents = await Promise.all([
          collect(secrets.list(group, name, arm.call), toContent('secret')),
          collect(keys.list(group, name, arm.call), toContent('key')),
        ])
        return contents.flat()
      }),
  }
}

function makeWrites(arm: ArmContext, client: Client, get: Vaults['get']): Pick<Vaults, Writes> {
  const vaults = async () => (await client()).vaults
  const changePolicy = (
    kind: 'add' | 'remove',
    group: string,
    name: string,
    { tenantId, objectId, secrets }: { tenantId: string; objectId: string; secrets: string[] },
  ) =>
    arm.guard(async () => {
      const accessPolicies = [{ tenantId, objectId, permissions: { secrets } }]
      const body = { properties: { accessPolicies } }
      await (await vaults()).updateAccessPolicy(group, name, kind, body, arm.call)
    })
  return {
    create: (group, name, { location, tenantId, access, tags }) =>
      arm.guard(async () => {
        const enableRbacAuthorization = access === 'rbac'
        const properties = { tenantId, sku, enableRbacAuthorization, accessPolicies: [] }
        await (await vaults())
          .createOrUpdate(group, name, { location, tags, properties }, arm.call)
          .pollUntilDone(arm.call)
      }),
    recover: (group, { name, location }, tenantId) =>
      arm.guard(async () => {
        const properties = { tenantId, sku, createMode: 'recover' as const }
        await (await vaults())
          .createOrUpdate(group, name, { location, properties }, arm.call)
          .pollUntilDone(arm.call)
      }),
    addPolicy: (group, name, policy) => changePolicy('add', group, name, policy),
    removePolicy: async (group, name, { tenantId, objectId }) => {
      const policy = (await get(group, name))?.policies.find((each) =>
        equalsIgnoreCase(each.objectId, objectId),
      )
      // Azure removes only the permissions that the request lists.
      if (policy) await changePolicy('remove', group, name, { tenantId, objectId, secrets: policy.secrets })
    },
    remove: async (group, name) => {
      await undefinedIfNotFound(arm.guard(async () => (await vaults()).delete(group, name, arm.call)))
    },
    purge: async ({ name, location }) => {
      await undefinedIfNotFound(
        arm.guard(async () =>
          (await vaults()).purgeDeleted(name, location, arm.call).pollUntilDone(arm.call),
        ),
      )
    },
  }
}
