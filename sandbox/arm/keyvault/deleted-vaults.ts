import type { Reply } from '../../http.ts'
import type { Simulator } from '../../simulator.ts'
import { deleteAssignmentsAt } from '../authorization/assignment-removal.ts'
import { covers } from '../authorization/permissions.ts'
import { ArmError } from '../errors.ts'
import { listBody } from '../lists.ts'
import { operationUrl, runningOperation, startOperation } from '../operations.ts'
import type { ArmRequest, ArmRoute } from '../request.ts'
import { regionName } from '../resources/regions.ts'
import type { DeletedVault, Resource } from '../state.ts'
import { subscriptionPath } from '../subscription-path.ts'
import { isoSeconds } from '../timestamps.ts'

/** `near`: ID of the vault, or another resource of the same subscription. */
export const deletedId = (near: string, region: string, name: string) =>
  `${subscriptionPath(near)}/providers/Microsoft.KeyVault/locations/${region}/deletedVaults/${name}`

export const deletedVaultNotFound = (name: string) =>
  new ArmError(
    404,
    'DeletedVaultNotFound',
    `The specified deleted vault '${name}' does not exist. Ensure that the vault was indeed deleted and that it is in recoverable state. If soft delete was not enabled then the vault is permanently deleted. Follow this link for more information: https://go.microsoft.com/fwlink/?linkid=2149745`,
  )

/** Finds a deleted vault by its name, in any region. */
export const findDeletedVault = (simulator: Simulator, name: string): DeletedVault | undefined =>
  Object.values(simulator.state.arm.deletedVaults).find(
    ({ vault }) => vault.body.name.toLowerCase() === name.toLowerCase(),
  )

/** Soft-deletes a vault. It keeps its secrets, but not its role assignments. */
export function softDelete(simulator: Simulator, vault: Resource): void {
  const { body } = vault
  const deletedAt = simulator.now()
  const days = Number(body.properties.softDeleteRetentionInDays ?? 90)
  deleteAssignmentsAt(simulator, body.id)
  for (const operation of Object.values(simulator.state.arm.operations))
    if (operation.kind === 'createVault' && operation.resourceId === body.id.toLowerCase())
      operation.finished = true
  delete simulator.state.arm.resources[body.id.toLowerCase()]
  simulator.state.arm.deletedVaults[deletedId(body.id, String(body.location), body.name).toLowerCase()] = {
    vault,
    deletedAt,
    purgeAt: deletedAt + days * 86_400_000,
  }
}

/** Purges a deleted vault with its secrets, and frees its name. */
export function purgeVault(simulator: Simulator, id: string): void {
  const deleted = simulator.state.arm.deletedVaults[id]
  if (!deleted) return
  delete simulator.state.vaults[deleted.vault.body.name.toLowerCase()]
  delete simulator.state.arm.deletedVaults[id]
}

/** Purges the vaults whose retention has ended. Returns true if there were any. */
export function purgeOverdueVaults(simulator: Simulator): boolean {
  const overdue = Object.entries(simulator.state.arm.deletedVaults).filter(
    ([, { purgeAt }]) => purgeAt <= simulator.now(),
  )
  for (const [id] of overdue) purgeVault(simulator, id)
  return overdue.length > 0
}

const deletedVaultView = ({ vault, deletedAt, purgeAt }: DeletedVault) => ({
  id: deletedId(vault.body.id, String(vault.body.location), vault.body.name),
  name: vault.body.name,
  type: 'Microsoft.KeyVault/deletedVaults',
  properties: {
    vaultId: vault.body.id,
    location: vault.body.location,
    tags: vault.body.tags ?? {},
    deletionDate: isoSeconds(deletedAt),
    scheduledPurgeDate: isoSeconds(purgeAt),
    ...(vault.body.properties.enablePurgeProtection === true && { purgeProtectionEnabled: true }),
  },
})

function requireDeletedVault({ simulator, params, id: path }: ArmRequest): [string, DeletedVault] {
  const id = deletedId(path, regionName(params.location!), params.vault!).toLowerCase()
  const found = simulator.state.arm.deletedVaults[id]
  if (!found) throw deletedVaultNotFound(params.vault!)
  return [id, found]
}

function startPurge(request: ArmRequest): Reply {
  const { simulator } = request
  const [id, { vault }] = requireDeletedVault(request)
  if (vault.body.properties.enablePurgeProtection === true)
    throw new ArmError(405, 'MethodNotAllowed', "Operation 'DeletedVaultPurge' is not allowed.")
  const region = String(vault.body.location)
  const operation =
    runningOperation(simulator, id) ?? startOperation(simulator, 'purgeVault', { id, region }, 'vaultPurge')
  return {
    status: 202,
    headers: {
      location: operationUrl(request, 'Microsoft.KeyVault', operation, 'operationResults'),
      'retry-after': String(Math.max(1, Math.round(simulator.durationOf('vaultPurge') / 4000))),
    },
  }
}

const subscription = '/subscriptions/:subscription/providers/Microsoft.KeyVault'
const one = `${subscription}/locations/:location/deletedVaults/:vault`

export const deletedVaultRoutes: ArmRoute[] = [
  {
    method: 'GET',
    path: `${subscription}/deletedVaults`,
    handler: (request) => ({
      status: 200,
      body: listBody(
        request,
        Object.values(request.simulator.state.arm.deletedVaults)
          .filter(({ vault }) => covers(subscriptionPath(request.id), vault.body.id))
          .map(deletedVaultView),
      ),
    }),
  },
  {
    method: 'GET',
    path: one,
    handler: (request) => ({
      status: 200,
      body: deletedVaultView(requireDeletedVault(request)[1]),
    }),
  },
  { method: 'POST', path: `${one}/purge`, handler: startPurge },
]
