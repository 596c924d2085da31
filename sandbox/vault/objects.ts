import { randomBytes } from 'node:crypto'
import type { Reply } from '../http.ts'
import { ownProperty } from '../own-property.ts'
import { badParameter, conflict, objectNotFound } from './errors.ts'
import { listReply } from './paging.ts'
import type { VaultRequest } from './request.ts'
import { attributes } from './secret-view.ts'
import { requireValidName } from './secrets.ts'
import type { VaultObject, VaultObjectVersion } from './state.ts'
import type { Vault } from './vaults.ts'

export type ObjectCollection = 'keys' | 'certificates'

/** How a collection shows its objects; keys and certificates have versions, lists and deletion in common. */
export interface ObjectView {
  collection: ObjectCollection
  /** As in "A key with (name/id) …". */
  title: 'Key' | 'Certificate'
  /** Members of a single object besides its attributes. */
  bundle(vault: Vault, object: VaultObject, version: VaultObjectVersion): object
  /** Members of an object in a list besides its attributes. */
  item(vault: Vault, object: VaultObject, version?: VaultObjectVersion): object
}

const objectsOf = (vault: Vault, collection: ObjectCollection) => (vault.data[collection] ??= {})

export const latest = ({ versions }: VaultObject): VaultObjectVersion => versions.at(-1)!

function requireObject(vault: Vault, view: ObjectView, name: string): VaultObject {
  requireValidName(name)
  const found = ownProperty(objectsOf(vault, view.collection), name.toLowerCase())
  if (!found || found.deletedAt !== undefined) throw objectNotFound(view.title, name)
  return found
}

const withAttributes = (vault: Vault, members: object, version: VaultObjectVersion) => ({
  ...members,
  attributes: attributes(vault, version),
  tags: version.tags,
})

const shown = (vault: Vault, view: ObjectView, object: VaultObject, version = latest(object)) =>
  withAttributes(vault, view.bundle(vault, object, version), version)

/** Stores a new version, and returns it. Throws 409 for the name of a deleted object. */
export function addVersion(
  { simulator, vault, params }: VaultRequest,
  view: ObjectView,
  content: Pick<VaultObjectVersion, 'key' | 'cer' | 'tags'>,
): { object: VaultObject; version: VaultObjectVersion } {
  const name = params.name!
  requireValidName(name)
  const all = objectsOf(vault, view.collection)
  const object = ownProperty(all, name.toLowerCase()) ?? { name, versions: [] }
  if (object.deletedAt !== undefined)
    throw conflict(
      'ObjectIsDeletedButRecoverable',
      `${view.title} ${name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the ${view.title.toLowerCase()} can only be recovered or purged.`,
    )
  const now = Math.floor(simulator.now() / 1000)
  const version = {
    version: randomBytes(16).toString('hex'),
    ...content,
    enabled: true,
    created: now,
    updated: now,
  }
  object.versions.push(version)
  all[name.toLowerCase()] = object
  return { object, version }
}

export const bundleReply = (
  vault: Vault,
  view: ObjectView,
  object: VaultObject,
  version?: VaultObjectVersion,
): Reply => ({ status: 200, body: shown(vault, view, object, version) })

/** Returns the handlers that keys and certificates share. */
export function objectHandlers(view: ObjectView) {
  const { collection, title } = view
  const present = (vault: Vault) =>
    Object.values(objectsOf(vault, collection))
      .filter(({ deletedAt }) => deletedAt === undefined)
      .toSorted((one, other) => one.name.localeCompare(other.name))
  return {
    get({ vault, params }: VaultRequest): Reply {
      const object = requireObject(vault, view, params.name!)
      const version = params.version
        ? object.versions.find((each) => each.version === params.version!.toLowerCase())
        : latest(object)
      if (!version) throw objectNotFound(title, `${object.name}/${params.version}`)
      return bundleReply(vault, view, object, version)
    },
    list({ call, vault }: VaultRequest): Reply {
      const items = present(vault).map((object) =>
        withAttributes(vault, view.item(vault, object), latest(object)),
      )
      return listReply(call, vault, collection, items)
    },
    listVersions({ call, vault, params }: VaultRequest): Reply {
      const object = requireObject(vault, view, params.name!)
      const items = object.versions.map((version) =>
        withAttributes(vault, view.item(vault, object, version), version),
      )
      return listReply(call, vault, `${collection}/${object.name}/versions`, items)
    },
    remove({ simulator, vault, params }: VaultRequest): Reply {
      const object = requireObject(vault, view, params.name!)
      object.deletedAt = simulator.now()
      const body = {
        ...shown(vault, view, object),
        recoveryId: `${vault.address}/deleted${collection}/${object.name}`,
      }
      return { status: 200, body }
    },
    recover({ vault, params }: VaultRequest): Reply {
      const object = ownProperty(objectsOf(vault, collection), params.name!.toLowerCase())
      if (object?.deletedAt === undefined) throw objectNotFound(`Deleted ${title}`, params.name!)
      delete object.deletedAt
      return bundleReply(vault, view, object)
    },
  }
}

/** Returns the JSON of a request's body. Throws 400 for anything but an object. */
export function parseObject<T extends object>({ call }: VaultRequest): Partial<T> {
  try {
    const body = call.json<T | null>()
    if (typeof body === 'object' && body !== null) return body
  } catch {
    // Reported below.
  }
  throw badParameter('The request body is not valid JSON')
}
