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
  readTags,
  requireSameLocation,
  resourcesOfType,
} from '../resources/resources.ts'
import type { Resource } from '../state.ts'
import { dotNetTimestamp } from '../timestamps.ts'
import { deletedId, deletedVaultNotFound, findDeletedVault, softDelete } from './deleted-vaults.ts'
import {
  findVaultByName,
  invalidNameMessage,
  isTakenElsewhere,
  isValidName,
  nameInUseMessage,
} from './names.ts'
import {
  badRequest,
  checkPolicies,
  mergePolicies,
  normalizePolicy,
  type Policy,
  type VaultProperties,
  vaultProperties,
  vaultShape,
  withAclDefaults,
} from './properties.ts'

const type = 'Microsoft.KeyVault/vaults'

const author = (simulator: Simulator, { appid }: CallerClaims) => ({
  lastModifiedBy: appid,
  lastModifiedByType: 'Application',
  lastModifiedAt: dotNetTimestamp(simulator.now()).replace('0000Z', 'Z'),
})

const shape: Shape = { ...commonMembers, properties: vaultShape }

interface Sent {
  location?: string
  tags?: Record<string, string>
  properties?: VaultProperties
}

function create(request: ArmRequest, sent: Sent, region: string): Resource {
  const { simulator, caller, params, version } = request
  const name = params.vault!
  const properties = vaultProperties(simulator, sent.properties!, { version })
  const changed = author(simulator, caller)
  const made: Resource = {
    body: {
      id: `${groupId(simulator, groupName(simulator, params.group!))}/providers/${type}/${name}`,
      name,
      type,
      location: region,
      tags: readTags(sent),
      systemData: {
        createdBy: caller.appid,
        createdByType: 'Application',
        createdAt: changed.lastModifiedAt,
        ...changed,
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
  return made
}

/** Brings a deleted vault back, where it was. */
function recover({ simulator, params }: ArmRequest, region: string): Resource {
  const deleted = findDeletedVault(simulator, params.vault!)
  const id = `${groupId(simulator, params.group!)}/providers/${type}/${params.vault}`.toLowerCase()
  const { body } = deleted?.vault ?? {}
  if (!deleted || !body || body.id.toLowerCase() !== id || body.location !== region)
    throw deletedVaultNotFound(params.vault!)
  for (const [key, each] of Object.entries(simulator.state.arm.deletedVaults))
    if (each === deleted) delete simulator.state.arm.deletedVaults[key]
  return { ...deleted.vault, changedAt: simulator.now() }
}

function put(request: ArmRequest): Reply {
  const { call, simulator, caller, params, id, version } = request
  const sent = parseBody<Sent>(call, shape)
  const region = requireRegion(sent.location, { type })
  if (!sent.properties) throw badRequest('The parameter properties is not specified or is invalid.')
  const found = findResource(simulator, id)
  if (found) {
    requireSameLocation(found, sent.location!)
    const has = found.body.properties as VaultProperties
    const properties = vaultProperties(simulator, sent.properties, { version, has })
    found.body = {
      ...found.body,
      tags: readTags(sent),
      systemData: { ...(found.body.systemData as object), ...author(simulator, caller) },
      properties: { ...properties, vaultUri: has.vaultUri, provisioningState: has.provisioningState },
    }
    found.changedAt = simulator.now()
    return answer(found)
  }
  if (!isValidName(params.vault!))
    throw new ArmError(400, 'VaultNameNotValid', invalidNameMessage(params.vault!))
  if (isTakenElsewhere(params.vault!) || findVaultByName(simulator, params.vault!))
    throw new ArmError(409, 'VaultAlreadyExists', nameInUseMessage(params.vault!))
  const recovering = sent.properties.createMode?.toLowerCase() === 'recover'
  const deleted = findDeletedVault(simulator, params.vault!)
  if (
    deleted &&
    (!recovering ||
      runningOperation(
        simulator,
        deletedId(simulator, String(deleted.vault.body.location), deleted.vault.body.name),
      ))
  )
    throw new ArmError(
      409,
      'ConflictError',
      'A vault with the same name already exists in deleted state. You need to either recover or purge existing key vault. Follow this link https://go.microsoft.com/fwlink/?linkid=2149745 for more information on soft delete.',
    )
  const made = recovering ? recover(request, region) : create(request, sent, region)
  simulator.state.arm.resources[made.body.id.toLowerCase()] = made
  // The name of a vault that comes back is in the DNS still.
  if (!recovering) startOperation(simulator, 'createVault', { id: made.body.id, region }, 'vaultCreate')
  return answer(made)
}

/** Its name is in the DNS now: the address gets its final form. */
export function finishVault(simulator: Simulator, id: string): void {
  const properties = findResource(simulator, id)?.body.properties
  if (properties?.provisioningState !== 'RegisteringDns') return
  properties.provisioningState = 'Succeeded'
  properties.vaultUri = `${properties.vaultUri}/`
}

/** Clients poll the vault itself; the header keeps them from guessing how often. */
const answer = ({ body }: Resource, status = 200): Reply => ({
  status,
  ...(body.properties.provisioningState === 'RegisteringDns' && { headers: { 'retry-after': '1' } }),
  body,
})

function known({ simulator, id }: ArmRequest): Resource {
  const vault = findResource(simulator, id)
  if (!vault) throw notFound(id)
  return vault
}

function patch(request: ArmRequest): Reply {
  const { call, simulator, caller, version } = request
  const found = known(request)
  const sent = parseBody<Sent>(call, shape)
  const has = found.body.properties as VaultProperties
  const { vaultUri, provisioningState, ...rest } = has
  const acls = sent.properties?.networkAcls
  const merged = { ...rest, ...sent.properties, ...(acls ? { networkAcls: withAclDefaults(acls) } : {}) }
  found.body = {
    ...found.body,
    ...(sent.tags && { tags: readTags(sent) }),
    systemData: { ...(found.body.systemData as object), ...author(simulator, caller) },
    properties: { ...vaultProperties(simulator, merged, { version, has }), vaultUri, provisioningState },
  }
  found.changedAt = simulator.now()
  return answer(found)
}

function remove({ simulator, id }: ArmRequest): Reply {
  const found = findResource(simulator, id)
  if (!found) return { status: 204 }
  softDelete(simulator, found)
  return { status: 200 }
}

function policies(request: ArmRequest): Reply {
  const { call, simulator, params, id } = request
  const vault = findResource(simulator, id.replace(/\/accessPolicies\/[^/]+$/i, ''))
  if (!vault) throw notFound(id)
  const kind = params.kind!.toLowerCase()
  if (!['add', 'replace', 'remove'].includes(kind))
    throw badRequest(`The access policy operation '${params.kind}' is not valid.`)
  const sent = parseBody<{ properties?: { accessPolicies?: Policy[] } }>(call, shape).properties
    ?.accessPolicies
  checkPolicies(sent)
  const merged = mergePolicies(
    (vault.body.properties.accessPolicies ?? []) as Policy[],
    sent!.map(normalizePolicy),
    kind,
  )
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
    resourcesOfType(request.simulator, type, request.params.group).map(({ body }) => body),
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
  { method: 'GET', path, handler: (request) => answer(known(request)) },
  { method: 'DELETE', path, handler: remove },
  { method: 'PUT', path: `${path}/accessPolicies/:kind`, handler: policies },
]
