import type { CallerClaims } from '../../entra/access-tokens.ts'
import type { Reply } from '../../http.ts'
import type { Simulator } from '../../simulator.ts'
import { ArmError, notFound } from '../errors.ts'
import { listBody } from '../lists.ts'
import { runningOperation, startOperation } from '../operations.ts'
import type { ArmRequest, ArmRoute } from '../request.ts'
import { commonMembers, parseBody, type Shape } from '../request-body.ts'
import { requireRegion } from '../resources/regions.ts'
import {
  findResource,
  groupId,
  groupName,
  listScope,
  readTags,
  requireSameLocation,
  resourcesOfType,
} from '../resources/resources.ts'
import type { Resource } from '../state.ts'
import { dotNetTimestamp } from '../timestamps.ts'
import { checkPolicies, mergePolicies, normalizePolicy, type Policy } from './access-policies.ts'
import { badRequest } from './bad-request.ts'
import { deletedId, deletedVaultNotFound, findDeletedVault, softDelete } from './deleted-vaults.ts'
import {
  findVaultByName,
  invalidNameMessage,
  isTakenElsewhere,
  isValidName,
  nameInUseMessage,
} from './names.ts'
import { type VaultProperties, vaultProperties, vaultShape, withAclDefaults } from './properties.ts'

const type = 'Microsoft.KeyVault/vaults'

const lastModified = (simulator: Simulator, { appid }: CallerClaims) => ({
  lastModifiedBy: appid,
  lastModifiedByType: 'Application',
  lastModifiedAt: dotNetTimestamp(simulator.now()).replace('0000Z', 'Z'),
})

const shape: Shape = { ...commonMembers, properties: vaultShape }

interface VaultBody {
  location?: string
  tags?: Record<string, string>
  properties?: VaultProperties
}

function create(request: ArmRequest, input: VaultBody, region: string): Resource {
  const { simulator, caller, params, version, id } = request
  const name = params.vault!
  const properties = vaultProperties(simulator, input.properties!, { version })
  const modified = lastModified(simulator, caller)
  const vault: Resource = {
    body: {
      id: `${groupId(id, groupName(simulator, id, params.group!))}/providers/${type}/${name}`,
      name,
      type,
      location: region,
      tags: readTags(input),
      systemData: {
        createdBy: caller.appid,
        createdByType: 'Application',
        createdAt: modified.lastModifiedAt,
        ...modified,
      },
      properties: {
        ...properties,
        vaultUri: `https://${name.toLowerCase()}.${simulator.addresses.vaultSuffix}`,
        provisioningState: 'RegisteringDns',
      },
    },
    createdAt: simulator.now(),
    changedAt: simulator.now(),
  }
  simulator.state.vaults[name.toLowerCase()] = { secrets: {} }
  return vault
}

/** Recovers a deleted vault in its original resource group. Throws 404. */
function recover({ simulator, params, id }: ArmRequest, region: string): Resource {
  const deleted = findDeletedVault(simulator, params.vault!)
  const { body } = deleted?.vault ?? {}
  if (!deleted || !body || body.id.toLowerCase() !== id.toLowerCase() || body.location !== region)
    throw deletedVaultNotFound(params.vault!)
  for (const [key, each] of Object.entries(simulator.state.arm.deletedVaults))
    if (each === deleted) delete simulator.state.arm.deletedVaults[key]
  return { ...deleted.vault, changedAt: simulator.now() }
}

/** Replaces the properties and tags of an existing vault. */
function update(request: ArmRequest, vault: Resource, input: VaultBody): Reply {
  const { simulator, caller, version } = request
  requireSameLocation(vault, input.location!)
  const current = vault.body.properties as VaultProperties
  const properties = vaultProperties(simulator, input.properties!, { version, current })
  vault.body = {
    ...vault.body,
    tags: readTags(input),
    systemData: { ...(vault.body.systemData as object), ...lastModified(simulator, caller) },
    properties: { ...properties, vaultUri: current.vaultUri, provisioningState: current.provisioningState },
  }
  vault.changedAt = simulator.now()
  return vaultReply(vault)
}

/** Throws unless a new vault can have the name. */
function requireFreeName(simulator: Simulator, name: string, isRecovery: boolean): void {
  if (!isValidName(name)) throw new ArmError(400, 'VaultNameNotValid', invalidNameMessage(name))
  if (isTakenElsewhere(name) || findVaultByName(simulator, name))
    throw new ArmError(409, 'VaultAlreadyExists', nameInUseMessage(name))
  const deleted = findDeletedVault(simulator, name)?.vault.body
  const isPurging =
    deleted !== undefined &&
    runningOperation(simulator, deletedId(deleted.id, String(deleted.location), deleted.name)) !== undefined
  if (deleted && (!isRecovery || isPurging))
    throw new ArmError(
      409,
      'ConflictError',
      'A vault with the same name already exists in deleted state. You need to either recover or purge existing key vault. Follow this link https://go.microsoft.com/fwlink/?linkid=2149745 for more information on soft delete.',
    )
}

function put(request: ArmRequest): Reply {
  const { call, simulator, params, id } = request
  const input = parseBody<VaultBody>(call, shape)
  const region = requireRegion(input.location, { type })
  if (!input.properties) throw badRequest('The parameter properties is not specified or is invalid.')
  const existing = findResource(simulator, id)
  if (existing) return update(request, existing, input)
  const isRecovery = input.properties.createMode?.toLowerCase() === 'recover'
  requireFreeName(simulator, params.vault!, isRecovery)
  const vault = isRecovery ? recover(request, region) : create(request, input, region)
  simulator.state.arm.resources[vault.body.id.toLowerCase()] = vault
  // The host name of a recovered vault still resolves.
  if (!isRecovery) startOperation(simulator, 'createVault', { id: vault.body.id, region }, 'vaultCreate')
  return vaultReply(vault)
}

/** Finishes the creation: the host name resolves now, and the URI gets its final slash. */
export function finishVault(simulator: Simulator, id: string): void {
  const properties = findResource(simulator, id)?.body.properties
  if (properties?.provisioningState !== 'RegisteringDns') return
  properties.provisioningState = 'Succeeded'
  properties.vaultUri = `${properties.vaultUri}/`
}

/** Clients poll the vault itself; the header tells them how often. */
const vaultReply = ({ body }: Resource): Reply => ({
  status: 200,
  ...(body.properties.provisioningState === 'RegisteringDns' && { headers: { 'retry-after': '1' } }),
  body,
})

function requireVault({ simulator, id }: ArmRequest): Resource {
  const vault = findResource(simulator, id)
  if (!vault) throw notFound(id)
  return vault
}

function patch(request: ArmRequest): Reply {
  const { call, simulator, caller, version } = request
  const vault = requireVault(request)
  const input = parseBody<VaultBody>(call, shape)
  const current = vault.body.properties as VaultProperties
  const { vaultUri, provisioningState, ...rest } = current
  const acls = input.properties?.networkAcls
  const merged = { ...rest, ...input.properties, ...(acls ? { networkAcls: withAclDefaults(acls) } : {}) }
  vault.body = {
    ...vault.body,
    ...(input.tags && { tags: readTags(input) }),
    systemData: { ...(vault.body.systemData as object), ...lastModified(simulator, caller) },
    properties: { ...vaultProperties(simulator, merged, { version, current }), vaultUri, provisioningState },
  }
  vault.changedAt = simulator.now()
  return vaultReply(vault)
}

function remove({ simulator, id }: ArmRequest): Reply {
  const vault = findResource(simulator, id)
  if (!vault) return { status: 204 }
  softDelete(simulator, vault)
  return { status: 200 }
}

function updatePolicies(request: ArmRequest): Reply {
  const { call, simulator, params, id } = request
  const vault = findResource(simulator, id.replace(/\/accessPolicies\/[^/]+$/i, ''))
  if (!vault) throw notFound(id)
  const kind = params.kind!.toLowerCase()
  if (!['add', 'replace', 'remove'].includes(kind))
    throw badRequest(`The access policy operation '${params.kind}' is not valid.`)
  const { properties } = parseBody<{ properties?: { accessPolicies?: Policy[] } }>(call, shape)
  const input = properties?.accessPolicies
  checkPolicies(input)
  const current = (vault.body.properties.accessPolicies ?? []) as Policy[]
  const merged = mergePolicies(current, input!.map(normalizePolicy), kind)
  checkPolicies(merged)
  vault.body.properties.accessPolicies = merged
  vault.changedAt = simulator.now()
  return {
    status: 200,
    body: {
      id: `${vault.body.id}/accessPolicies/`,
      type: 'Microsoft.KeyVault/vaults/accessPolicies',
      location: vault.body.location,
      properties: { accessPolicies: merged },
    },
  }
}

const list = (request: ArmRequest): Reply => ({
  status: 200,
  body: listBody(
    request,
    resourcesOfType(request.simulator, type, listScope(request)).map(({ body }) => body),
  ),
})

const subscription = '/subscriptions/:subscription/providers/Microsoft.KeyVault'
const group = '/subscriptions/:subscription/resourceGroups/:group/providers/Microsoft.KeyVault'
const path = `${group}/vaults/:vault`

export const vaultRoutes: ArmRoute[] = [
  { method: 'GET', path: `${subscription}/vaults`, handler: list },
  { method: 'GET', path: `${group}/vaults`, handler: list },
  { method: 'PUT', path, handler: put },
  { method: 'PATCH', path, handler: patch },
  { method: 'GET', path, handler: (request) => vaultReply(requireVault(request)) },
  { method: 'DELETE', path, handler: remove },
  { method: 'PUT', path: `${path}/accessPolicies/:kind`, handler: updatePolicies },
]
