import { ActionRequiredError } from '../base/action-required.ts'
import {
  absent,
  hasOwnershipTag,
  nothingToRemove,
  notManaged,
  ownershipTag,
  removable,
  retained,
  type Step,
  step,
} from '../engine/step.ts'
import type { Settings } from '../settings/settings.ts'
import { findResource } from '../targets/find-resource.ts'
import { parseGrants } from '../targets/parse-grant.ts'
import { storageAccount } from '../targets/storage-account.ts'
import type { Grant } from '../targets/target.ts'
import { mainGroup } from './groups.ts'
import { retainedBecauseOf } from './other-owners.ts'
import { providers } from './providers.ts'
import { resourceGroup } from './resource-group.ts'
import { creatableGrants, type StorageSettings } from './storage-names.ts'

interface Account {
  id: string
}

type AccountStep = Step<
  Account,
  'subscription' | 'resourceGroup' | 'location',
  { providers: typeof providers; group: typeof resourceGroup }
>
type ContainerStep = Step<Account, 'grants', { account: AccountStep }>

/** The steps that create what a grant is about. */
export interface StorageSteps {
  account: AccountStep
  container: ContainerStep | undefined
}

/** Containers have metadata instead of tags, whose names allow no hyphen. */
const ownershipMetadata = { managedBy: 'wi-setup' }

/** Returns the steps for each grant on blobs, by the grant's text; accounts and containers have one step each. */
export function storageSteps(settings: StorageSettings): Map<string, StorageSteps> {
  const accounts = new Map<string, AccountStep>()
  const containers = new Map<string, ContainerStep>()
  const found = new Map<string, StorageSteps>()
  for (const grant of creatableGrants(settings)) {
    const { resource, entity } = grant
    const account = accounts.get(resource) ?? accountStep(grant)
    accounts.set(resource, account)
    const path = `${resource}/${entity}`
    const container =
      entity === undefined ? undefined : (containers.get(path) ?? containerStep(grant, account))
    if (container) containers.set(path, container)
    found.set(grant.text, { account, container })
  }
  return found
}

const accountId = (settings: Pick<Settings, 'subscription' | 'resourceGroup'>, name: string) => {
  const { subscription, group } = mainGroup(settings)
  return `/subscriptions/${subscription}/resourceGroups/${group}/providers/${storageAccount.type}/${name}`
}

/** The storage account of a grant. An existing one, in any subscription, keeps its configuration. */
const accountStep = (grant: Grant): AccountStep => {
  const name = grant.resource
  return step<Account>()({
    id: `storage-account ${name}`,
    title: 'storage account',
    command: 'grant',
    uses: ['subscription', 'resourceGroup', 'location'],
    needs: { providers, group: resourceGroup },
    usualDuration: 'about 20 s',
    readyTimeoutMs: 300_000,
    label: () => name,
    actionsToApply: (settings) => [{ action: `${storageAccount.type}/write`, ...mainGroup(settings) }],
    actionsToRemove: (settings) => [{ action: `${storageAccount.type}/delete`, ...mainGroup(settings) }],
    newResource: (settings, { group }) => ({
      type: storageAccount.type,
      name,
      apiVersion: storageAccount.apiVersion,
      ...mainGroup(settings),
      location: group.location,
      tags: ownershipTag,
    }),
    async inspect(ctx) {
      const found = await findResource(ctx, grant)
      if (found)
        return found.properties.provisioningState === 'Succeeded'
          ? { state: 'ready', out: { id: found.id }, owned: hasOwnershipTag(found.tags) }
          : absent('Azure is still creating it')
      if (await ctx.resources.storageNameTaken(name))
        throw new ActionRequiredError(
          `The storage account name ${name} is in use outside your subscriptions; these names are unique across Azure`,
          'Choose another name in --grant',
        )
      return absent('locally redundant, no account keys')
    },
    apply: ({ settings, resources, group }) =>
      resources.put(accountId(settings, name), storageAccount.apiVersion, {
        location: group.location,
        kind: 'StorageV2',
        sku: { name: 'Standard_LRS' },
        tags: ownershipTag,
        properties: {
          allowBlobPublicAccess: false,
          allowSharedKeyAccess: false,
          minimumTlsVersion: 'TLS1_2',
          supportsHttpsTrafficOnly: true,
        },
      }),
    cascades: true,
    confirmedByName: () => true,
    within: () => 'group',
    async removability(ctx) {
      const found = await findResource(ctx, grant)
      if (!found) return nothingToRemove
      const out = { id: found.id }
      if (!hasOwnershipTag(found.tags)) return retained(out, notManaged)
      const others = await otherContents(ctx, found.id)
      return others.length
        ? retained(out, retainedBecauseOf(others))
        : removable(out, 'permanently, with its data')
    },
    remove: ({ resources }, { id }) => resources.remove(id!, storageAccount.apiVersion),
  })
}

/** Returns the names of what others have created in the account. */
async function otherContents(
  { resources, settings }: Parameters<NonNullable<AccountStep['removability']>>[0],
  id: string,
): Promise<string[]> {
  const own = parseGrants(settings.grants).flatMap(({ entity }) => entity ?? [])
  const collections = [
    'blobServices/default/containers',
    'queueServices/default/queues',
    'tableServices/default/tables',
  ]
  const all = await Promise.all(
    collections.map((each) => resources.within(`${id}/${each}`, storageAccount.apiVersion)),
  )
  return all.flat().flatMap(({ name, properties }) => (own.includes(name) && isOwn(properties) ? [] : [name]))
}

const isOwn = ({ metadata }: Record<string, unknown>) =>
  (metadata as Record<string, string> | undefined)?.managedBy === ownershipMetadata.managedBy

/** The container of a grant, created through Resource Manager, which needs no role for its data. */
const containerStep = (grant: Grant, account: AccountStep): ContainerStep => {
  const name = grant.entity!
  const pathOf = (id: string) => `${id}/blobServices/default/containers/${name}`
  const type = `${storageAccount.type}/blobServices/containers`
  return step<Account>()({
    id: `container ${grant.resource}/${name}`,
    title: 'container',
    command: 'grant',
    uses: ['grants'],
    needs: { account },
    label: () => `${name} in ${grant.resource}`,
    actionsToApply: (settings) => [{ action: `${type}/write`, ...placeFor(settings as Settings) }],
    actionsToRemove: (settings) => [{ action: `${type}/delete`, ...placeFor(settings) }],
    async inspect({ account: { id }, resources }) {
      const found = id === undefined ? undefined : await resources.get(pathOf(id), storageAccount.apiVersion)
      return found ? { state: 'ready', out: { id: found.id }, owned: isOwn(found.properties) } : absent()
    },
    apply: ({ account: { id }, resources }) =>
      resources.put(pathOf(id), storageAccount.apiVersion, { properties: { metadata: ownershipMetadata } }),
    within: () => 'account',
    confirmedByName: () => true,
    async removability({ account: { id }, resources }) {
      const found = id === undefined ? undefined : await resources.get(pathOf(id), storageAccount.apiVersion)
      if (!found) return nothingToRemove
      return isOwn(found.properties)
        ? removable({ id: found.id }, 'permanently, with its blobs')
        : retained({ id: found.id }, notManaged)
    },
    remove: ({ resources }, { id }) => resources.remove(id!, storageAccount.apiVersion),
  })
}

const placeFor = (settings: Pick<Settings, 'subscription' | 'resourceGroup'>) => mainGroup(settings)
