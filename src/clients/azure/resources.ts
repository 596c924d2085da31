import type { GenericResource, ResourceManagementClient } from '@azure/arm-resources'
import { undefinedIfNotFound } from '../errors.ts'
import { lazy } from '../lazy.ts'
import { perSubscription } from '../per-subscription.ts'
import type { AzureResource, Resources } from '../resources.ts'
import { type ArmContext, collect } from './arm-context.ts'
import { listAllPages } from './list-all-pages.ts'
import { parseResourceId } from './resource-id.ts'
import { sendJson } from './send-json.ts'

const toResource = (found: GenericResource): AzureResource => ({
  id: found.id ?? '',
  name: found.name ?? '',
  location: found.location ?? '',
  tags: found.tags ?? {},
  kind: found.kind,
  sku: found.sku?.name,
  properties: (found.properties as Record<string, unknown> | undefined) ?? {},
})

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`

async function makeClient(arm: ArmContext, subscription: string): Promise<ResourceManagementClient> {
  const { ResourceManagementClient } = await import('@azure/arm-resources')
  return new ResourceManagementClient(arm.credential, subscription, arm.options)
}

/** The SDK expects IDs without a leading slash. */
const sdkId = (id: string) => id.replace(/^\/+/, '')

export function makeResources(arm: ArmContext): Resources {
  const clients = perSubscription((subscription) => lazy(() => makeClient(arm, subscription)))
  const clientFor = async (id: string) => (await clients(parseResourceId(id).subscription)()).resources
  return {
    list: (type, name) =>
      arm.guard(async () => {
        const { resources } = await clients(arm.subscription())()
        const filter = `resourceType eq ${quoted(type)}${name === undefined ? '' : ` and name eq ${quoted(name)}`}`
        return collect(resources.list({ ...arm.call, filter }), toResource)
      }),
    within: (collection, apiVersion) =>
      arm.guard(async () => {
        const { subscription } = parseResourceId(collection)
        const path = `${collection}?api-version=${apiVersion}`
        const all = await listAllPages<GenericResource>(arm, await clients(subscription)(), path)
        return all.map(toResource)
      }),
    get: (id, apiVersion) =>
      undefinedIfNotFound(
        arm.guard(async () =>
          toResource(await (await clientFor(id)).getById(sdkId(id), apiVersion, arm.call)),
        ),
      ),
    put: (id, apiVersion, body) =>
      arm.guard(async () => {
        await (await clientFor(id)).beginCreateOrUpdateByIdAndWait(sdkId(id), apiVersion, body, arm.call)
      }),
    storageNameTaken: (name) =>
      arm.guard(async () => {
        const subscription = arm.subscription()
        const { nameAvailable } = await sendJson<{ nameAvailable: boolean }>(
          arm,
          await clients(subscription)(),
          {
            method: 'POST',
            url: `${arm.cloud.arm}/subscriptions/${subscription}/providers/Microsoft.Storage/checkNameAvailability?api-version=2023-05-01`,
            body: { name, type: 'Microsoft.Storage/storageAccounts' },
          },
        )
        return !nameAvailable
      }),
    remove: async (id, apiVersion) => {
      await undefinedIfNotFound(
        arm.guard(async () => (await clientFor(id)).beginDeleteByIdAndWait(sdkId(id), apiVersion, arm.call)),
      )
    },
  }
}
