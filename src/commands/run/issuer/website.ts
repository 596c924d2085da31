import { setTimeout as delay } from 'node:timers/promises'
import { ActionRequiredError } from '../../../base/action-required.ts'
import { az, instruction } from '../../../base/command.ts'
import { withoutTrailingSlash } from '../../../base/trailing-slash.ts'
import { UsageError } from '../../../base/usage-error.ts'
import type { AzureResource } from '../../../clients/resources.ts'
import { hasCode } from '../../../clients/service-error.ts'
import { ownershipTag } from '../../../engine/step.ts'
import type { CommandRun } from '../../../session/run-command.ts'
import { storageAccount } from '../../../targets/storage-account.ts'
import type { Destination } from './destination.ts'

/** The first whose BlobServiceProperties have the static website. */
const siteVersion = '2026-09-01'
const registrationMs = 5 * 60_000

interface WebsiteOptions {
  name: string
  url: string | undefined
  create: boolean
}

type Account = Pick<AzureResource, 'id' | 'properties'>

/** The static website of a storage account. */
export async function websiteDestination(context: CommandRun, options: WebsiteOptions): Promise<Destination> {
  const { name, create } = options
  const { clients } = context.session
  const found = await findAccount(context, name)
  if (!found) return newAccount(context, options)
  requirePublic(name, found)
  const isOn = await siteIsOn(context, found.id)
  if (!isOn && !create)
    throw new ActionRequiredError(
      `The static website of storage account ${name} is off`,
      instruction`Pass --create, or turn it on: ${az('storage account blob-service-properties update', {
        'account-name': name,
        'enable-static-website': 'true',
      })}`,
    )
  const { blob, web } = endpointsOf(name, found)
  const { issuer, folder } = placeOnSite(web, options.url)
  return {
    title: `in the static website of storage account ${name}`,
    issuer,
    changes: isOn ? [] : [`turn on the static website of storage account ${name}`],
    prepare: async () => {
      if (!isOn) await turnSiteOn(context, found.id)
    },
    read: (path) =>
      isOn
        ? asCaller(context, name, found.id, () => clients.websites.read(blob, folder + path))
        : Promise.resolve(undefined),
    write: (path, file) =>
      asCaller(context, name, found.id, () => clients.websites.write(blob, folder + path, file)),
  }
}

async function findAccount({ session }: CommandRun, name: string): Promise<AzureResource | undefined> {
  const { resources } = session.clients
  const [listed] = await resources.list(storageAccount.type, name)
  return listed && resources.get(listed.id, storageAccount.apiVersion)
}

/** The address of a website is only known when the account exists, so that it is created first. */
async function newAccount(context: CommandRun, options: WebsiteOptions): Promise<Destination> {
  const { name, create } = options
  const { settings, session, screen, run } = context
  if (!create)
    throw new ActionRequiredError(
      `There is no storage account ${name} in the subscription`,
      'Correct --storage-account, or pass --create to create it',
    )
  const group = await session.clients.groups.get(settings.resourceGroup)
  if (!group)
    throw new ActionRequiredError(
      `The resource group ${settings.resourceGroup} does not exist`,
      az('group create', { name: settings.resourceGroup, location: settings.location }),
    )
  const change = `create storage account ${name} in resource group ${settings.resourceGroup}`
  const id = `/subscriptions/${settings.subscription}/resourceGroups/${settings.resourceGroup}/providers/${storageAccount.type}/${name}`
  let created: Destination | undefined
  const destination = () => {
    if (!created) throw new Error('The storage account is not created yet')
    return created
  }
  return {
    title: `in the static website of storage account ${name}`,
    get issuer() {
      return created?.issuer ?? options.url ?? '(the address of the new static website)'
    },
    changes: [change, `turn on the static website of storage account ${name}`],
    async prepare() {
      await registerStorage(context)
      screen.say(`  Creating storage account ${name} (usually about 20 s)`)
      await session.clients.resources.put(id, storageAccount.apiVersion, {
        location: settings.location ?? group.location,
        kind: 'StorageV2',
        sku: { name: 'Standard_LRS' },
        tags: ownershipTag,
        properties: {
          allowBlobPublicAccess: false,
          allowSharedKeyAccess: false,
          minimumTlsVersion: 'TLS1_2',
          supportsHttpsTrafficOnly: true,
        },
      })
      run.forgetReads()
      await turnSiteOn(context, id)
      run.forgetReads()
      created = await websiteDestination(context, options)
    },
    read: async (path) => created?.read(path),
    write: (path, file) => destination().write(path, file),
  }
}

/** Azure rejects resources of a provider that isn't registered, as in a new subscription. */
async function registerStorage({ session, screen, run, signal }: CommandRun): Promise<void> {
  const namespace = 'Microsoft.Storage'
  const { providers } = session.clients
  const isRegistered = async () => (await providers.state(namespace)) === 'Registered'
  if (await isRegistered()) return
  screen.say(`  Registering the resource provider ${namespace} (usually about 1 min)`)
  await providers.register(namespace)
  const deadline = performance.now() + registrationMs
  while (!(await isRegistered()) && performance.now() < deadline) {
    await delay(run.polling.maxDelayMs, undefined, { signal })
    run.forgetReads()
  }
}

function requirePublic(name: string, { properties }: Account): void {
  const rules = properties.networkAcls as { defaultAction?: string } | undefined
  if (properties.publicNetworkAccess === 'Disabled' || rules?.defaultAction === 'Deny')
    throw new ActionRequiredError(
      `The network rules of storage account ${name} block the internet, and so Microsoft Entra`,
      az('storage account update', { name, 'public-network-access': 'Enabled', 'default-action': 'Allow' }),
    )
}

function endpointsOf(name: string, { properties }: Account): { blob: string; web: string } {
  const { blob, web } = (properties.primaryEndpoints ?? {}) as Record<string, string | undefined>
  if (blob === undefined || web === undefined)
    throw new ActionRequiredError(
      `The storage account ${name} has no static website: its kind doesn't support them`,
      'Use an account of the kind StorageV2',
    )
  return { blob, web: withoutTrailingSlash(web) }
}

/** Returns the issuer and the folder of `$web` for its path. */
function placeOnSite(web: string, url: string | undefined): { issuer: string; folder: string } {
  if (url === undefined || withoutTrailingSlash(url) === web) return { issuer: url ?? web, folder: '' }
  if (!url.startsWith(`${web}/`))
    throw new UsageError(
      `--url ${JSON.stringify(url)} is not an address of the static website\n  it must be ${web}, or start with ${web}/`,
    )
  return { issuer: url, folder: `${withoutTrailingSlash(url).slice(web.length + 1)}/` }
}

async function siteIsOn({ session }: CommandRun, accountId: string): Promise<boolean> {
  const service = await session.clients.resources.get(`${accountId}/blobServices/default`, siteVersion)
  const site = service?.properties.staticWebsite as { enabled?: boolean } | undefined
  return site?.enabled === true
}

const turnSiteOn = ({ session }: CommandRun, accountId: string) =>
  session.clients.resources.put(`${accountId}/blobServices/default`, siteVersion, {
    properties: { staticWebsite: { enabled: true } },
  })

/** Owner and Contributor don't include access to blobs. */
async function asCaller<T>(
  { session }: CommandRun,
  name: string,
  scope: string,
  call: () => Promise<T>,
): Promise<T> {
  try {
    return await call()
  } catch (error) {
    if (!hasCode(error, 'AuthorizationPermissionMismatch')) throw error
    const caller = await session.clients.azureAccount.caller()
    throw new ActionRequiredError(
      `You (${caller.name}) lack the role Storage Blob Data Contributor on storage account ${name}; Owner and Contributor don't include access to blobs. A new role takes up to 10 minutes`,
      az('role assignment create', {
        assignee: caller.objectId,
        role: 'Storage Blob Data Contributor',
        scope,
      }),
      error,
    )
  }
}
