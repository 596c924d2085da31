import { randomBytes } from 'node:crypto'
import type { Call, Reply } from '../http.ts'
import { ownProperty } from '../own-property.ts'
import type { Simulator } from '../simulator.ts'
import { bundle, deletion, item } from './bundle.ts'
import { badParameter, conflict, forbidden, secretNotFound } from './errors.ts'
import { page } from './paging.ts'
import type { Secret, SecretVersion } from './state.ts'
import type { Vault } from './vaults.ts'

const maxValue = 25 * 1024
const maxContentType = 255
const maxTags = 15
const day = 86_400_000

/** Checks a secret's name. Throws 400. */
export function requireName(name: string): void {
  if (!/^[0-9a-zA-Z-]{1,127}$/.test(name))
    throw badParameter(`The request URI contains an invalid name: ${name}`)
}

/** A secret that is there and not deleted. Throws 404. */
export function requireSecret(vault: Vault, name: string): Secret {
  requireName(name)
  const found = ownProperty(vault.data.secrets, name.toLowerCase())
  if (!found || found.deletedAt !== undefined) throw secretNotFound(name)
  return found
}

export const latest = (secret: Secret): SecretVersion => secret.versions.at(-1)!

function requireVersion(secret: Secret, version?: string): SecretVersion {
  if (version === undefined) return latest(secret)
  const found = secret.versions.find((each) => each.version === version.toLowerCase())
  if (!found) throw secretNotFound(`${secret.name}/${version}`)
  return found
}

interface SecretBody {
  value?: unknown
  contentType?: string
  tags?: Record<string, string>
  attributes?: { enabled?: boolean; nbf?: number; exp?: number }
}

/** The body as sent; `{}` when it is JSON but no object. Throws 400 when it is no JSON. */
function readSecret(call: Call): SecretBody {
  try {
    const body = call.json<SecretBody | null>()
    return typeof body === 'object' && body !== null ? body : {}
  } catch {
    throw badParameter('The request body is not valid JSON')
  }
}

function requireLimits({ contentType, tags, attributes }: SecretBody): void {
  if ((contentType ?? '').length > maxContentType)
    throw badParameter(`Property contentType has invalid value: longer than ${maxContentType} characters`)
  if (Object.keys(tags ?? {}).length > maxTags)
    throw badParameter(`Property tags has invalid value: more than ${maxTags} tags`)
  for (const name of ['nbf', 'exp'] as const)
    if (attributes?.[name] != null && !Number.isInteger(attributes[name]))
      throw badParameter(`Property attributes.${name} has invalid value`)
}

export function setSecret(call: Call, simulator: Simulator, vault: Vault, name: string): Reply {
  requireName(name)
  const body = readSecret(call)
  if (typeof body.value !== 'string') throw badParameter('Property value is required')
  if (Buffer.byteLength(body.value) > maxValue)
    throw badParameter(`Property value has invalid value: larger than ${maxValue} bytes`)
  requireLimits(body)
  const known = ownProperty(vault.data.secrets, name.toLowerCase())
  if (known?.deletedAt !== undefined) {
    if (simulator.isPending(known.deletedAt, 'secretDelete'))
      throw conflict(
        'ObjectIsBeingDeleted',
        `Secret ${name} is currently being deleted and cannot be re-created; retry later.`,
      )
    throw conflict(
      'ObjectIsDeletedButRecoverable',
      `Secret ${name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the secret can only be recovered or purged.`,
    )
  }
  const now = Math.floor(simulator.now() / 1000)
  const version: SecretVersion = {
    version: randomBytes(16).toString('hex'),
    value: body.value,
    ...(body.contentType == null ? {} : { contentType: body.contentType }),
    tags: body.tags ?? {},
    enabled: body.attributes?.enabled ?? true,
    ...(body.attributes?.nbf == null ? {} : { nbf: body.attributes.nbf }),
    ...(body.attributes?.exp == null ? {} : { exp: body.attributes.exp }),
    created: now,
    updated: now,
  }
  const secret = known ?? { name, versions: [] }
  vault.data.secrets[name.toLowerCase()] = secret
  secret.versions.push(version)
  simulator.markChanged()
  return { status: 200, body: bundle(vault, secret, version, true) }
}

/** Reads a value. `nbf` and `exp` are only told, as in Azure: a secret outside its dates can still be read. */
export function getSecret(vault: Vault, name: string, version?: string): Reply {
  const secret = requireSecret(vault, name)
  const found = requireVersion(secret, version)
  if (!found.enabled) throw forbidden('SecretDisabled', 'Operation get is not allowed on a disabled secret.')
  return { status: 200, body: bundle(vault, secret, found, true) }
}

export function updateSecret(
  call: Call,
  simulator: Simulator,
  vault: Vault,
  name: string,
  version?: string,
): Reply {
  const secret = requireSecret(vault, name)
  const found = requireVersion(secret, version)
  const { contentType, tags, attributes, ...rest } = readSecret(call)
  requireLimits({ ...rest, ...(contentType === undefined ? {} : { contentType }), tags: tags ?? {} })
  if (contentType != null) found.contentType = contentType
  if (tags != null) found.tags = tags
  if (attributes?.enabled != null) found.enabled = attributes.enabled
  if (attributes?.nbf != null) found.nbf = attributes.nbf
  if (attributes?.exp != null) found.exp = attributes.exp
  found.updated = Math.floor(simulator.now() / 1000)
  simulator.markChanged()
  return { status: 200, body: bundle(vault, secret, found) }
}

export function deleteSecret(simulator: Simulator, vault: Vault, name: string): Reply {
  const secret = requireSecret(vault, name)
  secret.deletedAt = simulator.now()
  secret.purgeAt = simulator.now() + vault.retentionDays * day
  simulator.markChanged()
  return { status: 200, body: { ...deletion(vault, secret), ...bundle(vault, secret, latest(secret)) } }
}

export function listSecrets(call: Call, vault: Vault): Reply {
  const items = Object.keys(vault.data.secrets)
    .sort()
    .map((key) => vault.data.secrets[key]!)
    .filter(({ deletedAt }) => deletedAt === undefined)
    .map((secret) => item(vault, secret, latest(secret)))
  return page(call, vault, 'secrets', items)
}

export function listVersions(call: Call, vault: Vault, name: string): Reply {
  const secret = requireSecret(vault, name)
  const items = secret.versions.map((version) => item(vault, secret, version, true))
  return page(call, vault, `secrets/${secret.name}/versions`, items)
}
