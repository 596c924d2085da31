import { randomBytes } from 'node:crypto'
import type { Reply } from '../http.ts'
import { ownProperty } from '../own-property.ts'
import { badParameter, conflict, forbidden, secretNotFound } from './errors.ts'
import { listReply } from './paging.ts'
import type { VaultRequest } from './request.ts'
import { parseSecretBody } from './secret-body.ts'
import { secretBundle, secretItem } from './secret-view.ts'
import type { Secret, SecretVersion } from './state.ts'
import type { Vault } from './vaults.ts'

const maxValueBytes = 25 * 1024
const day = 86_400_000

/** Throws 400 unless the name is a valid secret name. */
export function requireValidName(name: string): void {
  if (!/^[0-9a-zA-Z-]{1,127}$/.test(name))
    throw badParameter(`The request URI contains an invalid name: ${name}`)
}

/** Returns a secret that is not deleted. Throws 404. */
export function requireSecret(vault: Vault, name: string): Secret {
  requireValidName(name)
  const secret = ownProperty(vault.data.secrets, name.toLowerCase())
  if (!secret || secret.deletedAt !== undefined) throw secretNotFound(name)
  return secret
}

export const latestVersion = (secret: Secret): SecretVersion => secret.versions.at(-1)!

function requireVersion(secret: Secret, version?: string): SecretVersion {
  if (version === undefined) return latestVersion(secret)
  const found = secret.versions.find((each) => each.version === version.toLowerCase())
  if (!found) throw secretNotFound(`${secret.name}/${version}`)
  return found
}

/** Throws 409 for the name of a deleted secret. */
function requireFreeName({ simulator }: VaultRequest, name: string, secret: Secret | undefined): void {
  if (secret?.deletedAt === undefined) return
  if (simulator.isPending(secret.deletedAt, 'secretDelete'))
    throw conflict(
      'ObjectIsBeingDeleted',
      `Secret ${name} is currently being deleted and cannot be re-created; retry later.`,
    )
  throw conflict(
    'ObjectIsDeletedButRecoverable',
    `Secret ${name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the secret can only be recovered or purged.`,
  )
}

export function setSecret(request: VaultRequest): Reply {
  const { call, simulator, vault, params } = request
  const name = params.name!
  requireValidName(name)
  const { value, contentType, tags, attributes } = parseSecretBody(call)
  if (typeof value !== 'string') throw badParameter('Property value is required')
  if (Buffer.byteLength(value) > maxValueBytes)
    throw badParameter(`Property value has invalid value: larger than ${maxValueBytes} bytes`)
  const existing = ownProperty(vault.data.secrets, name.toLowerCase())
  requireFreeName(request, name, existing)
  const now = Math.floor(simulator.now() / 1000)
  const version: SecretVersion = {
    version: randomBytes(16).toString('hex'),
    value,
    ...(contentType == null ? {} : { contentType }),
    tags: tags ?? {},
    enabled: attributes?.enabled ?? true,
    ...(attributes?.nbf == null ? {} : { nbf: attributes.nbf }),
    ...(attributes?.exp == null ? {} : { exp: attributes.exp }),
    created: now,
    updated: now,
  }
  const secret = existing ?? { name, versions: [] }
  vault.data.secrets[name.toLowerCase()] = secret
  secret.versions.push(version)
  return { status: 200, body: secretBundle(vault, secret, version, { withValue: true }) }
}

/** As in Azure, a secret can be read outside `nbf` and `exp`. */
export function getSecret({ vault, params }: VaultRequest): Reply {
  const secret = requireSecret(vault, params.name!)
  const version = requireVersion(secret, params.version)
  if (!version.enabled)
    throw forbidden('SecretDisabled', 'Operation get is not allowed on a disabled secret.')
  return { status: 200, body: secretBundle(vault, secret, version, { withValue: true }) }
}

export function updateSecret({ call, simulator, vault, params }: VaultRequest): Reply {
  const secret = requireSecret(vault, params.name!)
  const version = requireVersion(secret, params.version)
  const { contentType, tags, attributes } = parseSecretBody(call)
  if (contentType != null) version.contentType = contentType
  if (tags != null) version.tags = tags
  if (attributes?.enabled != null) version.enabled = attributes.enabled
  if (attributes?.nbf != null) version.nbf = attributes.nbf
  if (attributes?.exp != null) version.exp = attributes.exp
  version.updated = Math.floor(simulator.now() / 1000)
  return { status: 200, body: secretBundle(vault, secret, version) }
}

export function deleteSecret({ simulator, vault, params }: VaultRequest): Reply {
  const secret = requireSecret(vault, params.name!)
  secret.deletedAt = simulator.now()
  secret.purgeAt = simulator.now() + vault.retentionDays * day
  return { status: 200, body: secretBundle(vault, secret, latestVersion(secret), { withDeletion: true }) }
}

export function listSecrets({ call, vault }: VaultRequest): Reply {
  const items = Object.keys(vault.data.secrets)
    .sort()
    .map((key) => vault.data.secrets[key]!)
    .filter(({ deletedAt }) => deletedAt === undefined)
    .map((secret) => secretItem(vault, secret, latestVersion(secret)))
  return listReply(call, vault, 'secrets', items)
}

export function listVersions({ call, vault, params }: VaultRequest): Reply {
  const secret = requireSecret(vault, params.name!)
  const items = secret.versions.map((version) => secretItem(vault, secret, version, { withVersion: true }))
  return listReply(call, vault, `secrets/${secret.name}/versions`, items)
}
