import { ActionRequiredError } from '../base/action-required.ts'
import { equalsIgnoreCase } from '../clients/azure/resource-id.ts'
import type { Clients } from '../clients/clients.ts'
import type { RoleAssignment } from '../clients/roles.ts'
import { ServiceError } from '../clients/service-error.ts'
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
import { storageAccount } from '../targets/storage-account.ts'
import type { Grant } from '../targets/target.ts'
import { mainGroup } from './groups.ts'
import { accessibleTo, retainedBecauseOf } from './other-owners.ts'
import { providers } from './providers.ts'
import { resourceGroup } from './resource-group.ts'
import { type Principal, servicePrincipal } from './service-principal.ts'
import { creatableGrants, type StorageSettings } from './storage-names.ts'

interface Account {
  id: string
}

type AccountStep = Step<
  Account,
  'subscription' | 'resourceGroup' | 'location',
  { providers: typeof providers; group: typeof resourceGroup; principal: typeof servicePrincipal }
>
type ContainerStep = Step<Account, 'grants', { account: AccountStep; principal: typeof servicePrincipal }>

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
    needs: { providers, group: resourceGroup, principal: servicePrincipal },
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
      const isInGroup = equalsIgnoreCase(found.id, accountId(ctx.settings, name))
      if (!hasOwnershipTag(found.tags))
        return { ...retained(out, notManaged), ...(isInGroup ? {} : { detached: true as const }) }
      const others = await otherContents(ctx, grant, found.id)
      if (others.length) return retained(out, retainedBecauseOf(others))
      const users = await otherUsers(ctx, found.id)
      return users ? retained(out, users) : removable(out, 'permanently, with its data')
    },
    remove: ({ resources }, { id }) => resources.remove(id!, storageAccount.apiVersion),
  })
}

type Removal = Pick<Clients, 'resources' | 'roles'> & {
  settings: Pick<Settings, 'grants'>
  principal: Partial<Principal>
}

/** Returns the names of what is in the account and was not created for these grants. */
async function otherContents(
  { resources, settings }: Removal,
  { resource }: Grant,
  id: string,
): Promise<string[]> {
  const own = creatableGrants({ ...settings, createStorage: true })
    .filter((each) => each.resource === resource)
    .flatMap(({ entity }) => entity ?? [])
  const listOf = (collection: string) =>
    resources.within(`${id}/${collection}`, storageAccount.apiVersion).catch((error) => {
      // An account of this kind may have no such service.
      if (error instanceof ServiceError && error.status === 404) return []
      throw error
    })
  const [containers, ...rest] = await Promise.all([
    listOf('blobServices/default/containers'),
    listOf('queueServices/default/queues'),
    listOf('tableServices/default/tables'),
    listOf('fileServices/default/shares'),
  ])
  const others = containers.filter(({ name, properties }) => !(own.includes(name) && isOwn(properties)))
  return [...others, ...rest.flat()].map(({ name }) => name)
}

/** Returns who else has a role for what is deleted; undefined if nobody has. */
async function otherUsers({ roles, principal }: Removal, accountId: string, container?: string) {
  if (principal.shared) return 'other workloads use it with the same identity'
  const concerns = ({ scope }: RoleAssignment) =>
    container === undefined ||
    equalsIgnoreCase(scope, accountId) ||
    scope.toLowerCase().startsWith(`${accountId}/blobServices/default/containers/${container}`.toLowerCase())
  const all = (await roles.assignmentsWithin(accountId)).filter(concerns)
  const others = all.filter(({ principalId }) => principalId !== principal.principalId)
  return accessibleTo(
    others.map(({ principalId }) => principalId),
    'access to it',
  )
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
    needs: { account, principal: servicePrincipal },
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
    async removability(ctx) {
      const { id } = ctx.account
      const found =
        id === undefined ? undefined : await ctx.resources.get(pathOf(id), storageAccount.apiVersion)
      if (!found) return nothingToRemove
      const out = { id: found.id }
      if (!isOwn(found.properties)) return retained(out, notManaged)
      const users = await otherUsers(ctx, id!, name)
      return users ? retained(out, users) : removable(out, 'permanently, with its blobs')
    },
    remove: ({ resources }, { id }) => resources.remove(id!, storageAccount.apiVersion),
  })
}

const placeFor = (settings: Pick<Settings, 'subscription' | 'resourceGroup'>) => mainGroup(settings)
