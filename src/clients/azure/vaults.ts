import type { DeletedVault as Deleted, Vault as Found } from '@azure/arm-keyvault'
import { undefinedIfNotFound } from '../errors.ts'
import { lazy } from '../lazy.ts'
import type { DeletedVault, Vault, VaultContent, Vaults } from '../vaults.ts'
import { type ArmContext, collect } from './arm-context.ts'
import { equalsIgnoreCase, resourceGroupOf } from './resource-id.ts'

const sku = { family: 'A', name: 'standard' } as const

function read(of: Found): Vault {
  const { properties } = of
  return {
    id: of.id ?? '',
    name: of.name ?? '',
    group: resourceGroupOf(of.id),
    location: of.location ?? '',
    tags: of.tags ?? {},
    uri: properties.vaultUri ?? '',
    tenantId: properties.tenantId,
    // Absent means access policies, whatever newer versions do at creation.
    access: properties.enableRbacAuthorization ? 'rbac' : 'policy',
    // A policy with an application id holds only for a user who works through that application.
    policies: (properties.accessPolicies ?? [])
      .filter((policy) => !policy.applicationId)
      .map((policy) => ({
        objectId: policy.objectId,
        secrets: (policy.permissions?.secrets ?? []).map((each) => each.toLowerCase()),
      })),
    ready: properties.provisioningState !== 'RegisteringDns',
    publicNetworkAccess: !equalsIgnoreCase(properties.publicNetworkAccess, 'disabled'),
    softDelete: properties.enableSoftDelete !== false,
    purgeProtection: properties.enablePurgeProtection === true,
    retentionDays: properties.softDeleteRetentionInDays ?? 90,
    firewall: properties.networkAcls?.defaultAction === 'Deny' ? 'Deny' : 'Allow',
  }
}

const readDeleted = (of: Deleted): DeletedVault => ({
  name: of.name ?? '',
  vaultId: of.properties?.vaultId ?? '',
  location: of.properties?.location ?? '',
  deletionDate: of.properties?.deletionDate?.toISOString() ?? '',
  purgeProtected: of.properties?.purgeProtectionEnabled ?? false,
  tags: of.properties?.tags ?? {},
})

export function makeVaults(arm: ArmContext): Vaults {
  const client = lazy(async () => {
    const { KeyVaultManagementClient } = await import('@azure/arm-keyvault')
    return new KeyVaultManagementClient(arm.credential, arm.subscription(), arm.options)
  })
  const vaults = async () => (await client()).vaults
  const changePolicy = async (
    kind: 'add' | 'remove',
    group: string,
    name: string,
    { tenantId, objectId, secrets }: { tenantId: string; objectId: string; secrets: string[] },
  ) => {
    const accessPolicies = [{ tenantId, objectId, permissions: { secrets } }]
    await (await vaults()).updateAccessPolicy(group, name, kind, { properties: { accessPolicies } }, arm.call)
  }
  const get: Vaults['get'] = (group, name) =>
    undefinedIfNotFound(arm.guard(async () => read(await (await vaults()).get(group, name, arm.call))))

  return {
    get,
    list: () => arm.guard(async () => collect((await vaults()).listBySubscription(arm.call), read)),
    deleted: (name) =>
      arm.guard(async () => {
        const found = await collect((await vaults()).listDeleted(arm.call), readDeleted)
        return found.find((each) => equalsIgnoreCase(each.name, name))
      }),
    nameTaken: (name) =>
      arm.guard(async () => {
        const found = await (await vaults()).checkNameAvailability(
          { name, type: 'Microsoft.KeyVault/vaults' },
          arm.call,
        )
        return found.nameAvailable ? undefined : (found.message ?? found.reason ?? 'The name is taken')
      }),
    create: (group, name, { location, tenantId, access, tags }) =>
      arm.guard(async () => {
        const properties = {
          tenantId,
          sku,
          enableRbacAuthorization: access === 'rbac',
          accessPolicies: [],
        }
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
    addPolicy: (group, name, of) => arm.guard(() => changePolicy('add', group, name, of)),
    removePolicy: async (group, name, { tenantId, objectId }) => {
      const policy = (await get(group, name))?.policies.find((each) =>
        equalsIgnoreCase(each.objectId, objectId),
      )
      // What is to go is named permission by permission.
      if (policy)
        await arm.guard(() =>
          changePolicy('remove', group, name, { tenantId, objectId, secrets: policy.secrets }),
        )
    },
    contents: (group, name) =>
      arm.guard(async () => {
        const { secrets, keys } = await client()
        const read =
          (kind: VaultContent['kind']) =>
          (of: { name?: string; tags?: Record<string, string> }): VaultContent => ({
            kind,
            name: of.name ?? '',
            tags: of.tags ?? {},
          })
        return (
          await Promise.all([
            collect(secrets.list(group, name, arm.call), read('secret')),
            collect(keys.list(group, name, arm.call), read('key')),
          ])
        ).flat()
      }),
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
