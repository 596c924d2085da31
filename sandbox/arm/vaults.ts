import type { Cloud } from '../cloud.ts'
import type { CallerClaims } from '../entra/access-tokens.ts'
import type { Reply } from '../http.ts'
import { bodyOf, envelope, type Shape } from './body-shape.ts'
import { ticks } from './clock-text.ts'
import { deletedId, deletedNamed, noDeletedVault, softDelete } from './deleted-vaults.ts'
import { page } from './listing.ts'
import { begin, running } from './operations.ts'
import { notFound, Refusal } from './refusal.ts'
import { regionFor } from './regions.ts'
import { find, groupId, groupName, keepLocation, ofType, tagsFrom } from './resources.ts'
import type { Ask, Route } from './route.ts'
import type { Resource } from './state.ts'
import { badName, inUse, isName, isOthers, liveNamed } from './vault-names.ts'
import {
  badRequest,
  checkPolicies,
  inOneCase,
  mergePolicies,
  type Policy,
  type VaultProperties,
  vaultProperties,
  vaultShape,
  withDefaults,
} from './vault-properties.ts'

const type = 'Microsoft.KeyVault/vaults'

const author = (cloud: Cloud, { appid }: CallerClaims) => ({
  lastModifiedBy: appid,
  lastModifiedByType: 'Application',
  lastModifiedAt: ticks(cloud.now()).replace('0000Z', 'Z'),
})

const shape: Shape = { ...envelope, properties: vaultShape }

interface Sent {
  location?: string
  tags?: Record<string, string>
  properties?: VaultProperties
}

function create(ask: Ask, sent: Sent, region: string): Resource {
  const { cloud, caller, params, version } = ask
  const name = params.vault!
  const properties = vaultProperties(cloud, sent.properties!, { version })
  const changed = author(cloud, caller)
  const made: Resource = {
    body: {
      id: `${groupId(cloud, groupName(cloud, params.group!))}/providers/${type}/${name}`,
      name,
      type,
      location: region,
      tags: tagsFrom(sent),
      systemData: {
        createdBy: caller.appid,
        createdByType: 'Application',
        createdAt: changed.lastModifiedAt,
        ...changed,
      },
      properties: {
        ...properties,
        vaultUri: `https://${name.toLowerCase()}.${cloud.addresses.vaultSuffix}`,
        provisioningState: 'RegisteringDns',
      },
    },
    createdAt: cloud.now(),
    changedAt: cloud.now(),
  }
  cloud.world.vaults[name.toLowerCase()] = { secrets: {} }
  return made
}

/** Brings a deleted vault back, where it was. */
function recover({ cloud, params }: Ask, region: string): Resource {
  const deleted = deletedNamed(cloud, params.vault!)
  const id = `${groupId(cloud, params.group!)}/providers/${type}/${params.vault}`.toLowerCase()
  const { body } = deleted?.vault ?? {}
  if (!deleted || !body || body.id.toLowerCase() !== id || body.location !== region)
    throw noDeletedVault(params.vault!)
  for (const [key, each] of Object.entries(cloud.world.arm.deletedVaults))
    if (each === deleted) delete cloud.world.arm.deletedVaults[key]
  return { ...deleted.vault, changedAt: cloud.now() }
}

function put(ask: Ask): Reply {
  const { call, cloud, caller, params, id, version } = ask
  const sent = bodyOf<Sent>(call, shape)
  const region = regionFor(sent.location, { type })
  if (!sent.properties) throw badRequest('The parameter properties is not specified or is invalid.')
  const found = find(cloud, id)
  if (found) {
    keepLocation(found, sent.location!)
    const has = found.body.properties as VaultProperties
    const properties = vaultProperties(cloud, sent.properties, { version, has })
    found.body = {
      ...found.body,
      tags: tagsFrom(sent),
      systemData: { ...(found.body.systemData as object), ...author(cloud, caller) },
      properties: { ...properties, vaultUri: has.vaultUri, provisioningState: has.provisioningState },
    }
    found.changedAt = cloud.now()
    cloud.changed()
    return answer(found)
  }
  if (!isName(params.vault!)) throw new Refusal(400, 'VaultNameNotValid', badName(params.vault!))
  if (isOthers(params.vault!) || liveNamed(cloud, params.vault!))
    throw new Refusal(409, 'VaultAlreadyExists', inUse(params.vault!))
  const recovering = sent.properties.createMode?.toLowerCase() === 'recover'
  const deleted = deletedNamed(cloud, params.vault!)
  if (
    deleted &&
    (!recovering ||
      running(cloud, deletedId(cloud, String(deleted.vault.body.location), deleted.vault.body.name)))
  )
    throw new Refusal(
      409,
      'ConflictError',
      'A vault with the same name already exists in deleted state. You need to either recover or purge existing key vault. Follow this link https://go.microsoft.com/fwlink/?linkid=2149745 for more information on soft delete.',
    )
  const made = recovering ? recover(ask, region) : create(ask, sent, region)
  cloud.world.arm.resources[made.body.id.toLowerCase()] = made
  cloud.changed()
  // The name of a vault that comes back is in the DNS still.
  if (!recovering) begin(cloud, 'createVault', { id: made.body.id, region }, 'vaultCreate')
  return answer(made)
}

/** Its name is in the DNS now: the address gets its final form. */
export function finishVault(cloud: Cloud, id: string): void {
  const properties = find(cloud, id)?.body.properties
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

function known({ cloud, id }: Ask): Resource {
  const vault = find(cloud, id)
  if (!vault) throw notFound(id)
  return vault
}

function patch(ask: Ask): Reply {
  const { call, cloud, caller, version } = ask
  const found = known(ask)
  const sent = bodyOf<Sent>(call, shape)
  const has = found.body.properties as VaultProperties
  const { vaultUri, provisioningState, ...rest } = has
  const acls = sent.properties?.networkAcls
  const merged = { ...rest, ...sent.properties, ...(acls ? { networkAcls: withDefaults(acls) } : {}) }
  found.body = {
    ...found.body,
    ...(sent.tags && { tags: tagsFrom(sent) }),
    systemData: { ...(found.body.systemData as object), ...author(cloud, caller) },
    properties: { ...vaultProperties(cloud, merged, { version, has }), vaultUri, provisioningState },
  }
  found.changedAt = cloud.now()
  cloud.changed()
  return answer(found)
}

function remove({ cloud, id }: Ask): Reply {
  const found = find(cloud, id)
  if (!found) return { status: 204 }
  softDelete(cloud, found)
  return { status: 200 }
}

function policies(ask: Ask): Reply {
  const { call, cloud, params, id } = ask
  const vault = find(cloud, id.replace(/\/accessPolicies\/[^/]+$/i, ''))
  if (!vault) throw notFound(id)
  const kind = params.kind!.toLowerCase()
  if (!['add', 'replace', 'remove'].includes(kind))
    throw badRequest(`The access policy operation '${params.kind}' is not valid.`)
  const sent = bodyOf<{ properties?: { accessPolicies?: Policy[] } }>(call, shape).properties?.accessPolicies
  checkPolicies(sent)
  const merged = mergePolicies(
    (vault.body.properties.accessPolicies ?? []) as Policy[],
    sent!.map(inOneCase),
    kind,
  )
  checkPolicies(merged)
  vault.body.properties.accessPolicies = merged
  vault.changedAt = cloud.now()
  cloud.changed()
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

const list = (ask: Ask): Reply => ({
  status: 200,
  body: page(
    ask,
    ofType(ask.cloud, type, ask.params.group).map(({ body }) => body),
  ),
})

const subscription = '/subscriptions/{subscription}/providers/Microsoft.KeyVault'
const group = '/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.KeyVault'
const path = `${group}/vaults/{vault}`

export const vaultRoutes: Route[] = [
  { method: 'GET', path: `${subscription}/vaults`, to: list },
  { method: 'GET', path: `${group}/vaults`, to: list },
  { method: 'PUT', path, to: put },
  { method: 'PATCH', path, to: patch },
  { method: 'GET', path, to: (ask) => answer(known(ask)) },
  { method: 'DELETE', path, to: remove },
  { method: 'PUT', path: `${path}/accessPolicies/{kind}`, to: policies },
]
