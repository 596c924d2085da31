import type { Cloud } from '../cloud.ts'
import type { Reply } from '../http.ts'
import { removeAssignmentsAt } from './assignments.ts'
import { seconds } from './clock-text.ts'
import { page } from './listing.ts'
import { begin, operationUrl, running } from './operations.ts'
import { Refusal } from './refusal.ts'
import { regionName } from './regions.ts'
import type { Ask, Route } from './route.ts'
import type { DeletedVault, Resource } from './state.ts'

export const deletedId = (cloud: Cloud, region: string, name: string) =>
  `/subscriptions/${cloud.world.subscription.id}/providers/Microsoft.KeyVault/locations/${region}/deletedVaults/${name}`

export const noDeletedVault = (name: string) =>
  new Refusal(
    404,
    'DeletedVaultNotFound',
    `The specified deleted vault '${name}' does not exist. Ensure that the vault was indeed deleted and that it is in recoverable state. If soft delete was not enabled then the vault is permanently deleted. Follow this link for more information: https://go.microsoft.com/fwlink/?linkid=2149745`,
  )

/** The deleted vault of this name, wherever it was. */
export const deletedNamed = (cloud: Cloud, name: string): DeletedVault | undefined =>
  Object.values(cloud.world.arm.deletedVaults).find(
    ({ vault }) => vault.body.name.toLowerCase() === name.toLowerCase(),
  )

/** Takes a vault out of its group; its secrets wait, its role assignments are gone for good. */
export function softDelete(cloud: Cloud, vault: Resource): void {
  const { body } = vault
  const deletedAt = cloud.now()
  const days = Number(body.properties.softDeleteRetentionInDays ?? 90)
  removeAssignmentsAt(cloud, body.id)
  for (const operation of Object.values(cloud.world.arm.operations))
    if (operation.kind === 'createVault' && operation.resourceId === body.id.toLowerCase())
      operation.settled = true
  delete cloud.world.arm.resources[body.id.toLowerCase()]
  cloud.world.arm.deletedVaults[deletedId(cloud, String(body.location), body.name).toLowerCase()] = {
    vault,
    deletedAt,
    purgeAt: deletedAt + days * 86_400_000,
  }
  cloud.changed()
}

/** Ends a deleted vault with its secrets; its name is free again. */
export function purge(cloud: Cloud, id: string): void {
  const found = cloud.world.arm.deletedVaults[id]
  if (!found) return
  delete cloud.world.vaults[found.vault.body.name.toLowerCase()]
  delete cloud.world.arm.deletedVaults[id]
  cloud.changed()
}

/** Ends those whose time is over. */
export function purgeOverdue(cloud: Cloud): void {
  for (const [id, { purgeAt }] of Object.entries(cloud.world.arm.deletedVaults))
    if (purgeAt <= cloud.now()) purge(cloud, id)
}

const body = (cloud: Cloud, { vault, deletedAt, purgeAt }: DeletedVault) => ({
  id: deletedId(cloud, String(vault.body.location), vault.body.name),
  name: vault.body.name,
  type: 'Microsoft.KeyVault/deletedVaults',
  properties: {
    vaultId: vault.body.id,
    location: vault.body.location,
    tags: vault.body.tags ?? {},
    deletionDate: seconds(deletedAt),
    scheduledPurgeDate: seconds(purgeAt),
    ...(vault.body.properties.enablePurgeProtection === true && { purgeProtectionEnabled: true }),
  },
})

function known({ cloud, params }: Ask): [string, DeletedVault] {
  const id = deletedId(cloud, regionName(params.location!), params.vault!).toLowerCase()
  const found = cloud.world.arm.deletedVaults[id]
  if (!found) throw noDeletedVault(params.vault!)
  return [id, found]
}

function startPurge(ask: Ask): Reply {
  const { cloud } = ask
  const [id, { vault }] = known(ask)
  if (vault.body.properties.enablePurgeProtection === true)
    throw new Refusal(405, 'MethodNotAllowed', "Operation 'DeletedVaultPurge' is not allowed.")
  const region = String(vault.body.location)
  const operation = running(cloud, id) ?? begin(cloud, 'purgeVault', { id, region }, 'vaultPurge')
  return {
    status: 202,
    headers: {
      location: operationUrl(ask, 'Microsoft.KeyVault', operation, 'operationResults'),
      'retry-after': String(Math.max(1, Math.round(cloud.takes('vaultPurge') / 4000))),
    },
  }
}

const subscription = '/subscriptions/{subscription}/providers/Microsoft.KeyVault'
const one = `${subscription}/locations/{location}/deletedVaults/{vault}`

export const deletedVaultRoutes: Route[] = [
  {
    method: 'GET',
    path: `${subscription}/deletedVaults`,
    to: (ask) => ({
      status: 200,
      body: page(
        ask,
        Object.values(ask.cloud.world.arm.deletedVaults).map((each) => body(ask.cloud, each)),
      ),
    }),
  },
  { method: 'GET', path: one, to: (ask) => ({ status: 200, body: body(ask.cloud, known(ask)[1]) }) },
  { method: 'POST', path: `${one}/purge`, to: startPurge },
  // Managed HSMs do not exist here; az lists them beside the vaults.
  ...[
    `${subscription}/managedHSMs`,
    `${subscription}/deletedManagedHSMs`,
    '/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.KeyVault/managedHSMs',
  ].map((path): Route => ({ method: 'GET', path, to: () => ({ status: 200, body: { value: [] } }) })),
]
